package org.flinksigmoid.pipelines.bench;

import java.util.Random;

/** Audio made of nothing. */
final class SpeechLike {
    private static final int PERIOD = 2000;

    private SpeechLike() {}

    /** Noise that is loud and silent in turn, as speech is; the same each time. */
    static short[] audio(int samples) {
        Random random = new Random(1);
        short[] audio = new short[samples];
        for (int i = 0; i < samples; i++) {
            double loudness = i / PERIOD % 3 == 0 ? 30 : 3000;
            audio[i] = (short) (loudness * random.nextGaussian());
        }
        return audio;
    }
}
