package org.flinksigmoid.kernels.backend;

/**
 * Makes a backend, found through {@link java.util.ServiceLoader}. Its constructor and {@link
 * #availability} link nothing that may be absent.
 */
public interface BackendProvider {
    /** The name it is chosen by. */
    String name();

    /** {@code auto} takes the available provider of the highest rank. */
    int rank();

    /** Whether {@link #open} can work here, and why not. */
    Availability availability();

    /**
     * Says that {@link #open} is about to be called: what takes long may begin on a thread of its
     * own. Called on an available provider, any number of times.
     */
    default void expect(BackendOptions options) {}

    /**
     * Opens the backend.
     *
     * @throws IllegalStateException if it is not available, with the reason and the remedy
     */
    Backend open(BackendOptions options);
}
