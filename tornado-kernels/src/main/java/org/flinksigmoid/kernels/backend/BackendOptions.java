package org.flinksigmoid.kernels.backend;

import java.util.Objects;

/**
 * What a backend may use.
 *
 * @param threads CPU threads, from 1 to {@value #MOST_THREADS}
 * @param device index of the GPU, counted as the driver does
 * @param weights what matrices are kept in
 */
public record BackendOptions(int threads, int device, WeightFormat weights) {
    /** Beyond any machine; a process that starts a million dies of it. */
    public static final int MOST_THREADS = 1024;

    public BackendOptions {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException(
                    "threads: expected 1 to %d, found %d".formatted(MOST_THREADS, threads));
        }
        if (device < 0) {
            throw new IllegalArgumentException("device: expected >= 0, found " + device);
        }
        Objects.requireNonNull(weights, "weights");
    }

    /** Weights as they are. */
    public BackendOptions(int threads, int device) {
        this(threads, device, WeightFormat.FLOAT);
    }

    /** All processors of this JVM, the first GPU, weights as they are. */
    public static BackendOptions defaults() {
        int processors = Runtime.getRuntime().availableProcessors();
        return new BackendOptions(Math.min(processors, MOST_THREADS), 0);
    }
}
