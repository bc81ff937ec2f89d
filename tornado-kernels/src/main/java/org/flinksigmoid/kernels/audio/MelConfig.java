package org.flinksigmoid.kernels.audio;

import java.io.Serializable;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;

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
    private static final int MOST_FRAMES_A_SECOND = 1000;

    /** The front end of the shipped speech models: 8 kHz, 25 ms frames each 10 ms, 40 bands. */
    public static final MelConfig DIGITS =
            new MelConfig(8000, 200, 80, 256, 40, 60.0, 3800.0, 1e-10);

    /** Checks the fields against each other. */
    public MelConfig {
        require("sampling_rate", sampleRate, WavReader.MIN_SAMPLE_RATE, WavReader.MAX_SAMPLE_RATE);
        require("n_fft", fftSize, 4, 1 << 16);
        require(Integer.bitCount(fftSize) == 1, "n_fft", "a power of two", fftSize);
        require("frame_length", frameLength, 1, fftSize);
        int shortestHop = Math.ceilDiv(sampleRate, MOST_FRAMES_A_SECOND);
        require("hop_length", hopLength, shortestHop, frameLength);
        require("feature_size", bands, 1, fftSize / 2);
        require(
                minFrequency >= 0 && minFrequency < maxFrequency,
                "f_min",
                "0 up to, but not, f_max " + maxFrequency,
                minFrequency);
        require(
                maxFrequency <= sampleRate / 2.0,
                "f_max",
                "at most %s, half of sampling_rate".formatted(sampleRate / 2.0),
                maxFrequency);
        require(
                energyFloor > 0 && energyFloor <= 1,
                "floor",
                "more than 0, at most 1",
                energyFloor);
    }

    /** Whole frames in that many samples; at least one if there is any sample. */
    public long frames(long samples) {
        if (samples == 0) {
            return 0;
        }
        return 1 + (Math.max(samples, frameLength) - frameLength) / hopLength;
    }

    static void require(String field, int value, int least, int most) {
        require(value >= least && value <= most, field, least + " to " + most, value);
    }

    static void require(boolean holds, String field, String expected, Object found) {
        if (!holds) {
            throw new CheckpointException(
                    PreprocessorConfig.FILE_NAME, field, expected, found.toString());
        }
    }
}
