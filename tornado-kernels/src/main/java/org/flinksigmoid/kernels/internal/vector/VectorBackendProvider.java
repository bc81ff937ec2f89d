package org.flinksigmoid.kernels.internal.vector;

import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.BackendProvider;

/**
 * Offers the {@code vector} backend where the JVM has the Vector API's module. Links that module
 * only past the check.
 */
public final class VectorBackendProvider implements BackendProvider {
    private static final String MODULE = "jdk.incubator.vector";

    @Override
    public String name() {
        return VectorBackend.NAME;
    }

    @Override
    public int rank() {
        return 100;
    }

    @Override
    public Availability availability() {
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return unavailable("the module " + MODULE + " is not in this JVM.");
        }
        try {
            return Lanes.LENGTH < 4
                    ? new Availability.Unavailable(
                            "this JVM's vectors have only " + Lanes.LENGTH + " floats.",
                            "Run on a machine with 128-bit vectors or wider, and without a smaller"
                                    + " -XX:MaxVectorSize.")
                    : new Availability.Available(VectorBackend.describe());
        } catch (LinkageError e) {
            return unavailable("the Vector API could not be linked (" + e + ").");
        }
    }

    private static Availability unavailable(String reason) {
        return new Availability.Unavailable(
                reason, "Start Java 25 with --add-modules " + MODULE + ".");
    }

    @Override
    public void expect(BackendOptions options) {
        WarmUp.begin(KernelCalls.common(options.weights()));
    }

    @Override
    public Backend open(BackendOptions options) {
        return switch (availability()) {
            case Availability.Available yes ->
                    new VectorBackend(options.threads(), options.weights());
            case Availability.Unavailable no ->
                    throw new IllegalStateException(
                            "backend vector: " + no.reason() + " " + no.remedy());
        };
    }
}
