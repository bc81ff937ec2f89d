package org.flinksigmoid.kernels.audio;

import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;

/**
 * One channel of 16-bit audio, read forward. Not thread-safe; the caller closes it, and with it
 * whatever it reads from.
 */
public interface PcmReader extends Closeable {
    /** Samples per second. */
    int sampleRate();

    /**
     * Reads up to {@code count} samples, blocking until at least one is there.
     *
     * @return how many were read; -1 at the end
     * @throws AudioFormatException if the audio ends where it should not; every whole sample before
     *     that place has been returned by then
     */
    int read(short[] target, int offset, int count) throws IOException;

    /** All samples up to the end. */
    default short[] readAll() throws IOException {
        short[] samples = new short[16_384];
        int size = 0;
        for (int n = read(samples, 0, samples.length);
                n >= 0;
                n = read(samples, size, samples.length - size)) {
            size += n;
            if (size == samples.length) {
                samples = Arrays.copyOf(samples, Math.multiplyExact(size, 2));
            }
        }
        return Arrays.copyOf(samples, size);
    }
}
