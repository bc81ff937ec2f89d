package org.flinksigmoid.kernels.backend;

import java.util.Objects;

/**
 * What a backend may use.
 *
 * @param threads CPU threads, at least 1
 * @param device index of the GPU, counted as the driver does
 * @param weights what matrices are kept in
 */
public record BackendOptions(int threads, int device, WeightFormat weights) {
    public BackendOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: expected >= 1, found " + threads);
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
        return new BackendOptions(Runtime.getRuntime().availableProcessors(), 0);
    }
}
