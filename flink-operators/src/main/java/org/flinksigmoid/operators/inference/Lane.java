package org.flinksigmoid.operators.inference;

/**
 * What records must have in common to share a batch.
 *
 * @param second whether the second model of an A/B test answers
 * @param route what the function says, such as the name of the model
 * @param bucket index of the range of lengths
 */
record Lane(boolean second, String route, int bucket) {
    private static final Lane ONLY = new Lane(false, "", 0);

    /** A route that no function gives. */
    private static final String UNREADABLE = "\0";

    /**
     * Of records whose length or route the function can't tell; they share no batch with others.
     */
    static Lane ofUnreadable(boolean second) {
        return new Lane(second, UNREADABLE, 0);
    }

    static Lane of(boolean second, String route, int bucket) {
        return !second && bucket == 0 && route.isEmpty() ? ONLY : new Lane(second, route, bucket);
    }
}
