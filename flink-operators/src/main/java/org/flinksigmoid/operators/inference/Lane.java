package org.flinksigmoid.operators.inference;

/**
 * What records must have in common to share a batch.
 *
 * @param second whether the second model of an A/B test answers
 * @param route what the function says, such as the name of the model
 * @param bucket index of the range of lengths, or one of its own where the length is not known
 */
record Lane(boolean second, String route, int bucket) {
    private static final Lane ONLY = new Lane(false, "", 0);

    /** A bucket beside those of lengths. */
    private static final int UNREADABLE = -1;

    /** A route that no function gives. */
    private static final String NONE = "\0";

    /**
     * Of records whose length or route the function can't tell; they share no batch with others.
     *
     * @param route null if it is what can't be told
     */
    static Lane ofUnreadable(boolean second, String route) {
        return new Lane(second, route == null ? NONE : route, UNREADABLE);
    }

    static Lane of(boolean second, String route, int bucket) {
        return !second && bucket == 0 && route.isEmpty() ? ONLY : new Lane(second, route, bucket);
    }
}
