package org.flinksigmoid.operators.inference;

import java.nio.file.Path;
import java.util.Collection;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.model.ModelInfo;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.kernels.model.TextModel;
import org.flinksigmoid.operators.device.EngineKey;
import org.flinksigmoid.operators.device.GpuIndex;
import org.flinksigmoid.operators.device.SharedEngines;
import org.flinksigmoid.operators.device.SharedEngines.Lease;
import org.flinksigmoid.operators.metrics.ModelStatus;

/**
 * A subtask's share in a model that every user of this process has: on the GPU that Flink gave the
 * subtask, if it gave one.
 *
 * @param <M> kind of model
 */
public final class SharedModel<M extends AutoCloseable> implements AutoCloseable {
    private static final Kind<SpeechModel> SPEECH =
            new Kind<>(
                    SpeechModel.class,
                    SpeechModel::load,
                    SpeechModel::info,
                    SpeechModel::deviceBytes);

    private static final Kind<TextModel> TEXT =
            new Kind<>(TextModel.class, TextModel::load, TextModel::info, TextModel::deviceBytes);

    private final Lease<M> lease;
    private final Kind<M> kind;

    private SharedModel(Lease<M> lease, Kind<M> kind) {
        this.lease = lease;
        this.kind = kind;
    }

    private record Kind<M extends AutoCloseable>(
            Class<M> type,
            BiFunction<Path, ModelOptions, M> load,
            Function<M, ModelInfo> info,
            ToLongFunction<M> deviceBytes) {}

    /**
     * A speech model, loaded if nobody has.
     *
     * @param resources what Flink gave the subtask, of the name {@link GpuIndex#RESOURCE}
     * @throws Exception what loading throws
     */
    public static SharedModel<SpeechModel> speech(
            String folder, ModelOptions options, Collection<ExternalResourceInfo> resources)
            throws Exception {
        return acquire(SPEECH, Path.of(folder), options, GpuIndex.of(resources));
    }

    /**
     * A text model, loaded if nobody has.
     *
     * @param resources what Flink gave the subtask, of the name {@link GpuIndex#RESOURCE}
     * @throws Exception what loading throws
     */
    public static SharedModel<TextModel> text(
            String folder, ModelOptions options, Collection<ExternalResourceInfo> resources)
            throws Exception {
        return acquire(TEXT, Path.of(folder), options, GpuIndex.of(resources));
    }

    private static <M extends AutoCloseable> SharedModel<M> acquire(
            Kind<M> kind, Path folder, ModelOptions options, OptionalInt given) throws Exception {
        ModelOptions here = options.resolved().withDevice(given.orElse(options.device()));
        try {
            return new SharedModel<>(
                    SharedEngines.acquire(
                            EngineKey.of(folder, here),
                            kind.type(),
                            () -> kind.load().apply(folder, here)),
                    kind);
        } catch (CheckpointException e) { // a job may have several models
            throw e.in(folder);
        } catch (IllegalStateException e) { // what a backend says of a device that is not there
            if (given.isEmpty()) {
                throw e;
            }
            throw new IllegalStateException(
                    "%s (Flink's external resource %s gave device %d)"
                            .formatted(e.getMessage(), GpuIndex.RESOURCE, given.getAsInt()),
                    e);
        }
    }

    /** The model; not to be used after {@link #close()}. */
    public M get() {
        return lease.engine();
    }

    /** What metrics show of it, now. */
    public ModelStatus status() {
        return ModelStatus.of(
                        kind.info().apply(get()).version(),
                        lease.key().bytes(),
                        lease.loadNanos() / 1_000_000)
                .withDeviceBytes(kind.deviceBytes().applyAsLong(get()));
    }

    @Override
    public void close() {
        lease.close();
    }
}
