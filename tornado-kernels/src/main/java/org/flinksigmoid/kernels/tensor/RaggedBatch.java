package org.flinksigmoid.kernels.tensor;

import java.util.Arrays;

/**
 * How sequences of different lengths lie in one packed array of rows, one after the other, with no
 * padding: sequence {@code i} holds rows {@code offset(i) .. offset(i + 1)}. Immutable.
 */
public final class RaggedBatch {
    private final int[] offsets;
    private final int maxLength;

    private RaggedBatch(int[] offsets) {
        this.offsets = offsets;
        int longest = 0;
        for (int i = 0; i < size(); i++) {
            longest = Math.max(longest, length(i));
        }
        this.maxLength = longest;
    }

    /**
     * Sequences of the given lengths, in that order.
     *
     * @throws IllegalArgumentException if a length is negative
     * @throws ArithmeticException if the rows are more than an int can count
     */
    public static RaggedBatch ofLengths(int... lengths) {
        int[] offsets = new int[lengths.length + 1];
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] < 0) {
                throw new IllegalArgumentException(
                        "length of sequence %d: expected >= 0, found %d".formatted(i, lengths[i]));
            }
            offsets[i + 1] = Math.addExact(offsets[i], lengths[i]);
        }
        return new RaggedBatch(offsets);
    }

    /** Number of sequences. */
    public int size() {
        return offsets.length - 1;
    }

    /** Number of rows of all sequences together. */
    public int rows() {
        return offsets[offsets.length - 1];
    }

    /** First row of sequence {@code index}; {@code offset(size())} is {@link #rows()}. */
    public int offset(int index) {
        return offsets[index];
    }

    /** Rows of sequence {@code index}. */
    public int length(int index) {
        return offsets[index + 1] - offsets[index];
    }

    /** Rows of the longest sequence; 0 if there is none. */
    public int maxLength() {
        return maxLength;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RaggedBatch batch && Arrays.equals(offsets, batch.offsets);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(offsets);
    }

    /** As {@code offsets [0, 3, 10]}. */
    @Override
    public String toString() {
        return "offsets " + Arrays.toString(offsets);
    }
}
