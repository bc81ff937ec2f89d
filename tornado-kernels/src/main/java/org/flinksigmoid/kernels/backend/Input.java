package org.flinksigmoid.kernels.backend;

import java.util.List;

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
     * Feature rows that each sequence has in an array of its own, so that nobody packs them who
     * need not.
     *
     * @param sequences {@code [length, input width]} each, exactly as long
     */
    record FeatureSequences(List<float[]> sequences) implements Input {}

    /**
     * Token ids.
     *
     * @param ids {@code [rows]}, each in {@code 0 .. vocabulary-1}; may be longer, the rest is not
     *     read
     */
    record TokenIds(int[] ids) implements Input {}
}
