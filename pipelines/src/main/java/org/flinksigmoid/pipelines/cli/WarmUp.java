package org.flinksigmoid.pipelines.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;

/**
 * Runs a model on silence until it is at full speed: its kernels are compiled while it loads, what
 * calls them in the second after, in which a live stream would be shown late.
 */
final class WarmUp {
    private static final int BATCH = 4;

    private WarmUp() {}

    /** Returns when a batch no longer gets faster, or after that time. */
    static void run(Path folder, ModelOptions engine, Duration most) {
        long started = System.nanoTime();
        long best = Long.MAX_VALUE;
        int steady = 0;
        try (SpeechModel model = SpeechModel.load(folder, engine)) {
            int frames = Math.min(model.maxRows(), model.preprocessor().streaming().windowFrames());
            List<float[]> silence =
                    Collections.nCopies(BATCH, new float[frames * model.inputWidth()]);
            while (steady < BATCH && System.nanoTime() - started < most.toNanos()) {
                long before = System.nanoTime();
                model.infer(silence);
                long took = System.nanoTime() - before;
                steady = took > 0.8 * best ? steady + 1 : 0;
                best = Math.min(best, took);
            }
        }
    }
}
