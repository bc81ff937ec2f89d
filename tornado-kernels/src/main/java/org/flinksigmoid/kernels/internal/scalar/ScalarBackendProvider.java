package org.flinksigmoid.kernels.internal.scalar;

import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.BackendProvider;

/** Offers the {@code scalar} backend, which runs everywhere. */
public final class ScalarBackendProvider implements BackendProvider {
    @Override
    public String name() {
        return ScalarBackend.NAME;
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public Availability availability() {
        return new Availability.Available("plain loops, 1 thread");
    }

    @Override
    public Backend open(BackendOptions options) {
        return new ScalarBackend(options.weights());
    }
}
