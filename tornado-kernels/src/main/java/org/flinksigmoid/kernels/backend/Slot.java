package org.flinksigmoid.kernels.backend;

/**
 * A buffer of a {@link Program}: row-major {@code [rows, width]} floats. How many rows it has
 * follows from the batch that runs.
 *
 * @param id its index in {@link Program#slots()}
 * @param name for messages and for tests that look inside
 * @param stage 0: one row per input row; s: one per row after the first s strided convolutions;
 *     {@link #PER_SEQUENCE}: one per sequence
 * @param width elements of a row
 */
public record Slot(int id, String name, int stage, int width) {
    /** Stage of a buffer with one row a sequence. */
    public static final int PER_SEQUENCE = -1;

    public Slot {
        if (id < 0 || stage < PER_SEQUENCE || width < 1) {
            throw new IllegalArgumentException(
                    "slot %s: id %d, stage %d, width %d".formatted(name, id, stage, width));
        }
    }
}
