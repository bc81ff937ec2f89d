package org.flinksigmoid.pipelines.bench;

import java.nio.file.Path;
import java.util.Collections;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.operators.device.EngineKey;
import org.flinksigmoid.operators.device.SharedEngines;

/**
 * A share in a speech model, so that jobs which start and end meanwhile find it loaded and warm,
 * for batches of every size and windows of every length.
 */
final class WarmModel implements AutoCloseable {
    private final SharedEngines.Lease<SpeechModel> lease;

    private WarmModel(SharedEngines.Lease<SpeechModel> lease) {
        this.lease = lease;
    }

    /**
     * Loads it.
     *
     * @param largest windows of a batch
     */
    static WarmModel load(Path folder, ModelOptions options, int largest) throws Exception {
        WarmModel warm =
                new WarmModel(
                        SharedEngines.acquire(
                                EngineKey.of(folder, options),
                                SpeechModel.class,
                                () -> SpeechModel.load(folder, options)));
        try {
            warm.run(largest);
        } catch (RuntimeException | Error e) {
            warm.close();
            throw e;
        }
        return warm;
    }

    private void run(int largest) {
        SpeechModel model = model();
        int frames = Windows.frames(model);
        int hop = model.preprocessor().streaming().hopFrames();
        for (int length = hop; length <= frames; length += hop) {
            float[] silence = new float[length * model.inputWidth()];
            for (int size = 1; size < 2 * largest; size *= 2) {
                model.infer(Collections.nCopies(Math.min(size, largest), silence));
            }
        }
    }

    /** The model; not to be used after {@link #close()}. */
    SpeechModel model() {
        return lease.engine();
    }

    @Override
    public void close() {
        lease.close();
    }
}
