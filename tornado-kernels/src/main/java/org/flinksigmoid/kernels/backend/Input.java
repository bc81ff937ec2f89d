package org.flinksigmoid.kernels.backend;

/**
 * What goes into a {@link Program}, packed as a {@link
 * org.flinksigmoid.kernels.tensor.RaggedBatch}.
 */
public sealed interface Input {
    /**
     * Feature rows.
     *
     * @param values {@code [rows, input width]}; may be longer, the rest is not read
     */
    record Features(float[] values) implements Input {}

    /**
     * Token ids.
     *
     * @param ids {@code [rows]}, each in {@code 0 .. vocabulary-1}; may be longer, the rest is not
     *     read
     */
    record TokenIds(int[] ids) implements Input {}
}
