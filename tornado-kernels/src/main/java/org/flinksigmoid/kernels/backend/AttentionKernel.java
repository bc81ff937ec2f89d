package org.flinksigmoid.kernels.backend;

import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** Attention alone, as tests, benchmarks and other engines call it. One call at a time. */
public interface AttentionKernel extends AutoCloseable {
    /**
     * {@code out} of every query over the keys of its own sequence.
     *
     * @param queries how the rows of {@code q} and {@code out} lie
     * @param keys how the rows of {@code k} and {@code v} lie; as many sequences as {@code queries}
     * @param q {@code [queries.rows(), heads * headDim]}
     * @param k {@code [keys.rows(), heads * headDim]}
     * @param v {@code [keys.rows(), heads * headDim]}
     * @param out {@code [queries.rows(), heads * headDim]}, overwritten
     */
    void run(RaggedBatch queries, RaggedBatch keys, float[] q, float[] k, float[] v, float[] out);

    @Override
    void close();
}
