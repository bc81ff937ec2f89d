package org.flinksigmoid.kernels.backend;

import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * A {@link Program} made ready on one backend, weights packed and scratch owned. Thread-safe: where
 * a backend gains by it, as one that copies to a device does, calls overlap; else they wait for
 * each other. Results don't depend on what else is in the batch, to rounding.
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

    /**
     * Bytes that it holds in a device's own memory now: parameters, and what batches so far made it
     * keep. May be asked while a run is on.
     *
     * @return 0 where programs run in the host's memory
     */
    default long deviceBytes() {
        return 0;
    }

    /** Frees it; no call may be on, or come after. */
    @Override
    void close();
}
