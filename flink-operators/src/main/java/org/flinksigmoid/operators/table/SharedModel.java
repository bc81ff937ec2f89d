package org.flinksigmoid.operators.table;

import java.nio.file.Path;
import org.apache.flink.table.functions.FunctionContext;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.device.EngineKey;
import org.flinksigmoid.operators.device.GpuIndex;
import org.flinksigmoid.operators.device.SharedEngines;
import org.flinksigmoid.operators.device.SharedEngines.Lease;

/** Models of SQL functions, shared with every other user of the process. */
final class SharedModel {
    private SharedModel() {}

    /** How a kind of model is loaded. */
    interface Load<M> {
        M from(Path folder, ModelOptions options);
    }

    /** A share in the model of a folder, on the GPU that Flink gave the subtask if it gave one. */
    static <M extends AutoCloseable> Lease<M> acquire(
            String path, ModelOptions options, FunctionContext context, Class<M> type, Load<M> load)
            throws Exception {
        Path folder = Path.of(path);
        int device =
                GpuIndex.of(context.getExternalResourceInfos(GpuIndex.RESOURCE))
                        .orElse(options.device());
        ModelOptions here = options.withDevice(device);
        return SharedEngines.acquire(
                EngineKey.of(folder, here), type, () -> load.from(folder, here));
    }
}
