package org.flinksigmoid.kernels.audio;

import java.util.Random;

/** Signals for tests. */
final class Sounds {
    private Sounds() {}

    /** Bursts of tone in noise, some of it silent, the same for the same seed. */
    static short[] speechLike(long seed, int count) {
        Random random = new Random(seed);
        short[] samples = new short[count];
        double phase = 0;
        double loudness = 0;
        double frequency = 300;
        for (int i = 0; i < count; i++) {
            if (i % 900 == 0) {
                loudness = random.nextInt(3) == 0 ? 0 : 500 * Math.exp(3 * random.nextDouble());
                frequency = 100 + 3000 * random.nextDouble();
            }
            phase += 2 * Math.PI * frequency / 8000;
            double noise = 4 * random.nextGaussian();
            samples[i] =
                    (short)
                            Math.clamp(
                                    Math.round(loudness * Math.sin(phase) + noise), -32768, 32767);
        }
        return samples;
    }

    static float[] floats(short[] samples) {
        return SpeechFrontEnd.toFloats(samples, 0, samples.length);
    }

    static float[] sine(double hertz, int rate, int count) {
        float[] samples = new float[count];
        for (int i = 0; i < count; i++) {
            samples[i] = (float) (0.5 * Math.sin(2 * Math.PI * hertz * i / rate));
        }
        return samples;
    }
}
