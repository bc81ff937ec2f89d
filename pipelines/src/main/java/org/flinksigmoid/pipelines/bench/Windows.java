package org.flinksigmoid.pipelines.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.flinksigmoid.kernels.model.SpeechModel;

/** Windows of random features, as long as a model's streaming windows are. */
final class Windows {
    private Windows() {}

    static List<float[]> random(SpeechModel model, int count) {
        Random random = new Random(1);
        int values = frames(model) * model.inputWidth();
        List<float[]> windows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] window = new float[values];
            for (int j = 0; j < values; j++) {
                window[j] = random.nextFloat(-2f, 0.5f);
            }
            windows.add(window);
        }
        return windows;
    }

    static int frames(SpeechModel model) {
        return model.preprocessor().streaming().windowFrames();
    }
}
