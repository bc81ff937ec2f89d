package org.flinksigmoid.kernels.internal.tornado;

import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.BackendProvider;
import org.flinksigmoid.kernels.backend.WeightFormat;

/**
 * Offers the {@code tornado} backend: attention kernels in Java that TornadoVM compiles for an
 * NVIDIA GPU. TornadoVM is linked when it is first asked for, after everything it needs was seen.
 */
public final class TornadoProvider implements BackendProvider {
    /** The name it is chosen by. */
    public static final String NAME = "tornado";

    private static final int RANK = 200;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int rank() {
        return RANK;
    }

    @Override
    public Availability availability() {
        Optional<Availability.Unavailable> missing = TornadoHost.observe().missing();
        return missing.<Availability>map(reason -> reason)
                .orElseGet(() -> Linked.RESULT.availability());
    }

    @Override
    public Backend open(BackendOptions options) {
        if (options.weights() != WeightFormat.FLOAT) {
            throw new IllegalArgumentException(
                    "weights: backend %s takes %s only and keeps matrices in 16 bits by itself,"
                                    .formatted(NAME, WeightFormat.FLOAT)
                            + " found %s. Leave the option out, or ask for backend vector."
                                    .formatted(options.weights()));
        }
        return switch (availability()) {
            case Availability.Available there -> Linked.RESULT.engine().orElseThrow().open(options);
            case Availability.Unavailable not ->
                    throw new IllegalStateException(
                            "backend %s: %s %s".formatted(NAME, not.reason(), not.remedy()));
        };
    }

    /**
     * What linking gave.
     *
     * @param engine what can open backends, if it linked
     * @param availability what to tell
     */
    private record Result(Optional<TornadoEngine> engine, Availability availability) {}

    /** Links TornadoVM, once a JVM. */
    private static final class Linked {
        static final Result RESULT = link();

        private static Result link() {
            try {
                TornadoEngine engine =
                        (TornadoEngine)
                                Class.forName(TornadoHost.ENGINE)
                                        .getDeclaredConstructor()
                                        .newInstance();
                String[] devices = engine.devices();
                if (devices.length == 0) {
                    return failed(
                            "the CUDA driver shows no device.",
                            "Run nvidia-smi to see whether the card is visible, and check"
                                    + " CUDA_VISIBLE_DEVICES.");
                }
                return new Result(
                        Optional.of(engine),
                        new Availability.Available(String.join(", ", devices)));
            } catch (InvocationTargetException e) {
                return failed(e.getCause());
            } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
                return failed(e);
            }
        }

        private static Result failed(Throwable cause) {
            return failed(
                    "TornadoVM did not start (" + cause + ").",
                    "Check that TORNADOVM_HOME is a TornadoVM 5.2.0-jdk25 SDK with the cuda backend"
                            + " and that CUDA's nvrtc library is on LD_LIBRARY_PATH.");
        }

        private static Result failed(String reason, String remedy) {
            return new Result(Optional.empty(), new Availability.Unavailable(reason, remedy));
        }
    }
}
