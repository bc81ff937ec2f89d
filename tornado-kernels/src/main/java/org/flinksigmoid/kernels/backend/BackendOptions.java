package org.flinksigmoid.kernels.backend;

/**
 * What a backend may use.
 *
 * @param threads CPU threads, at least 1
 * @param device index of the GPU, counted as the driver does
 */
public record BackendOptions(int threads, int device) {
    public BackendOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: expected >= 1, found " + threads);
        }
        if (device < 0) {
            throw new IllegalArgumentException("device: expected >= 0, found " + device);
        }
    }

    /** All processors of this JVM, the first GPU. */
    public static BackendOptions defaults() {
        return new BackendOptions(Runtime.getRuntime().availableProcessors(), 0);
    }
}
