package org.flinksigmoid.kernels.backend;

import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * A {@link Program} made ready on one backend, weights packed and scratch owned. One call at a
 * time: callers serialise. Results don't depend on what else is in the batch, to rounding.
 */
public interface Executable extends AutoCloseable {
    /**
     * Runs the program.
     *
     * @param batch the sequences' lengths in input rows, each at most {@link Program#maxRows()}
     * @param input their packed rows
     * @return one new array {@code [rows, width]} for each of the program's outputs, in order
     * @throws IllegalArgumentException if a length, an id or the input's size is out of range; the
     *     message names the sequence
     */
    float[][] run(RaggedBatch batch, Input input);

    @Override
    void close();
}
