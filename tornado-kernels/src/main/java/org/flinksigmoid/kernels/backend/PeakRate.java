package org.flinksigmoid.kernels.backend;

/**
 * A {@link Backend} that can show its machine's arithmetic limit, for benchmarks to stand beside.
 */
public interface PeakRate {
    /** Floating point operations of one {@link #runAtPeak}. */
    double operationsAtPeak();

    /**
     * Multiply-adds on all threads of the backend as fast as the processor takes them, with no
     * memory access.
     *
     * @return a number that depends on all of them
     */
    float runAtPeak();
}
