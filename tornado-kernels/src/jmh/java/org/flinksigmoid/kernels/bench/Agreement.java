package org.flinksigmoid.kernels.bench;

/** Nothing is timed before both sides give the same numbers. */
public final class Agreement {
    /** Largest difference, relative to the largest result. */
    private static final double TOLERANCE = 1e-4;

    private Agreement() {}

    /**
     * Compares results.
     *
     * @throws IllegalStateException if they differ by more than 1e-4 of the largest
     */
    public static void require(float[] ours, float[] theirs) {
        double largest = 0;
        for (float value : theirs) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < theirs.length; i++) {
            if (!(Math.abs(ours[i] - theirs[i]) <= TOLERANCE * largest)) {
                throw new IllegalStateException(
                        "element %d: %s here, %s there".formatted(i, ours[i], theirs[i]));
            }
        }
    }
}
