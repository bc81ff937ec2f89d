package org.flinksigmoid.kernels.internal.tornado;

import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;

/** What is linked against TornadoVM, as {@link TornadoProvider} sees it. */
public interface TornadoEngine {
    /**
     * The cards that the driver shows, in its order, by name.
     *
     * @return empty if there is none
     */
    String[] devices();

    /**
     * Opens the backend on a device.
     *
     * @throws IllegalStateException if there is no such device
     */
    Backend open(BackendOptions options);
}
