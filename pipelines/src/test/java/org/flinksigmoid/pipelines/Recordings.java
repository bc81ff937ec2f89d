package org.flinksigmoid.pipelines;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.flinksigmoid.kernels.audio.WavFile;

/** Writes recordings of bursts of noise: enough for a random model to hear something in. */
public final class Recordings {
    private Recordings() {}

    /** The same seed gives the same recording. */
    public static void write(Path file, int rate, int samples, long seed) throws IOException {
        new WavFile(rate, noise(samples, seed)).write(file);
    }

    /** Bursts of noise of changing loudness. */
    public static short[] noise(int samples, long seed) {
        Random random = new Random(seed);
        short[] noise = new short[samples];
        double loudness = 0;
        for (int i = 0; i < samples; i++) {
            if (i % 1500 == 0) {
                loudness = random.nextInt(4) * 1500;
            }
            noise[i] = (short) (loudness * random.nextGaussian());
        }
        return noise;
    }
}
