package org.flinksigmoid.operators.inference;

import java.nio.file.Path;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.flinksigmoid.kernels.model.ModelInfo;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.device.EngineKey;
import org.flinksigmoid.operators.device.GpuIndex;
import org.flinksigmoid.operators.device.SharedEngines;
import org.flinksigmoid.operators.device.SharedEngines.Lease;
import org.flinksigmoid.operators.metrics.ModelStatus;

/** Models as shared engines. */
final class ModelLeases {
    private ModelLeases() {}

    /** How a kind of model is loaded. */
    interface Load<M> {
        M from(Path folder, ModelOptions options);
    }

    /** A share in the model of a folder, on the GPU that Flink gave the subtask if it gave one. */
    static <M extends AutoCloseable> Lease<M> acquire(
            Path folder, ModelOptions options, RuntimeContext context, Class<M> type, Load<M> load)
            throws Exception {
        ModelOptions here = options.withDevice(GpuIndex.of(context).orElse(options.device()));
        return SharedEngines.acquire(
                EngineKey.of(folder, here), type, () -> load.from(folder, here));
    }

    /** What metrics show of it. */
    static ModelStatus status(Lease<?> lease, ModelInfo info) {
        return ModelStatus.of(info.version(), lease.key().bytes(), lease.loadNanos() / 1_000_000);
    }
}
