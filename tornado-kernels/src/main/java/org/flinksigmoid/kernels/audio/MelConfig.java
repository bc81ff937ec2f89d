package org.flinksigmoid.kernels.audio;

import java.io.Serializable;

/**
 * How samples become log-mel energies, as the model was trained.
 *
 * @param sampleRate samples per second
 * @param frameLength samples of a frame
 * @param hopLength samples from one frame's start to the next one's
 * @param fftSize points of the FFT; frames are zero-padded to it
 * @param bands mel bands, the width of a frame's features
 * @param minFrequency lower end of the lowest band, Hz
 * @param maxFrequency upper end of the highest band, Hz
 * @param energyFloor energies below it are raised to it before the logarithm
 */
public record MelConfig(
        int sampleRate,
        int frameLength,
        int hopLength,
        int fftSize,
        int bands,
        double minFrequency,
        double maxFrequency,
        double energyFloor)
        implements Serializable {
    /** The front end of the shipped speech models: 8 kHz, 25 ms frames each 10 ms, 40 bands. */
    public static final MelConfig DIGITS =
            new MelConfig(8000, 200, 80, 256, 40, 60.0, 3800.0, 1e-10);

    /** Checks the fields against each other. */
    public MelConfig {
        require("sampling_rate", sampleRate, 1, WavReader.MAX_SAMPLE_RATE);
        require("n_fft", fftSize, 4, 1 << 16);
        if (Integer.bitCount(fftSize) != 1) {
            throw new IllegalArgumentException("n_fft: expected a power of two, found " + fftSize);
        }
        require("frame_length", frameLength, 1, fftSize);
        require("hop_length", hopLength, 1, frameLength);
        require("feature_size", bands, 1, fftSize / 2);
        if (!(minFrequency >= 0 && minFrequency < maxFrequency)) {
            throw new IllegalArgumentException(
                    "f_min: expected 0 <= f_min < f_max, found %s and %s"
                            .formatted(minFrequency, maxFrequency));
        }
        if (!(maxFrequency <= sampleRate / 2.0)) {
            throw new IllegalArgumentException(
                    "f_max: expected at most half the sampling rate, %s, found %s"
                            .formatted(sampleRate / 2.0, maxFrequency));
        }
        if (!(energyFloor > 0 && energyFloor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("floor: expected > 0, found " + energyFloor);
        }
    }

    /** Whole frames in that many samples; at least one if there is any sample. */
    public long frames(long samples) {
        if (samples == 0) {
            return 0;
        }
        return 1 + (Math.max(samples, frameLength) - frameLength) / hopLength;
    }

    static void require(String field, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "%s: expected %d to %d, found %d".formatted(field, min, max, value));
        }
    }
}
