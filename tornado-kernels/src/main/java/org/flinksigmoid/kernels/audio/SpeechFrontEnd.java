package org.flinksigmoid.kernels.audio;

import java.util.HashMap;
import java.util.Map;

/**
 * Samples to features, for whole utterances and for streams: resampled to the model's rate, silence
 * put around them, {@link LogMel}, and then {@code y[t,m] = max(x[t,m] - level - melTilt[m], floor)
 * * scale}. The level is the mean of {@code x} over the active frames, those whose power (the sum
 * of their bands' energies) reaches {@code activeRatio} of the mean power, and over the bands.
 * Holds the tables that all streams of one thread share; not thread-safe.
 */
public final class SpeechFrontEnd {
    private final PreprocessorConfig config;
    private final LogMel logMel;
    private final Level level;
    private final Map<Integer, Resampler> resamplers = new HashMap<>();

    /** Builds the tables. */
    public SpeechFrontEnd(PreprocessorConfig config) {
        this.config = config;
        this.logMel = new LogMel(config.mel());
        this.level = new Level(config.level(), config.mel().bands());
    }

    /** What this computes. */
    public PreprocessorConfig config() {
        return config;
    }

    /** Whether audio of that rate can be taken, resampled if it is not the model's. */
    public boolean supports(int sampleRate) {
        return Resampler.supports(sampleRate, config.mel().sampleRate());
    }

    /**
     * Frames that {@link #features} makes of so many samples, without making them.
     *
     * @param sampleRate samples per second, one that is {@link #supports supported}
     */
    public long frames(long samples, int sampleRate) {
        long there = Math.ceilDiv(samples * config.mel().sampleRate(), (long) sampleRate);
        return there == 0 ? 0 : config.mel().frames(there + 2L * config.paddingSamples());
    }

    /**
     * Features of a whole utterance, its level taken over all of its frames. Meant for up to half a
     * minute; longer audio is a stream.
     *
     * @param samples in [-1, 1)
     * @param sampleRate samples per second, resampled if it is not the model's
     * @return {@code [frames, bands]}
     */
    public float[] features(float[] samples, int sampleRate) {
        float[] mels = logMel.compute(padded(resample(samples, sampleRate)));
        int bands = config.mel().bands();
        int frames = mels.length / bands;
        if (frames == 0) {
            return mels;
        }
        double[] powers = new double[frames];
        for (int t = 0; t < frames; t++) {
            powers[t] = Level.power(mels, t * bands, bands);
        }
        double mean = level.of(mels, powers, 0, frames);
        for (int t = 0; t < frames; t++) {
            level.normalise(mels, t * bands, mean, mels, t * bands);
        }
        return mels;
    }

    /** As {@link #features(float[], int)}, of 16-bit samples. */
    public float[] features(short[] samples, int sampleRate) {
        return features(toFloats(samples, 0, samples.length), sampleRate);
    }

    /**
     * A new stream.
     *
     * @param sampleRate samples per second of what will come in
     * @throws IllegalArgumentException if that rate is not {@link #supports supported}
     */
    public SpeechStream open(int sampleRate) {
        return new SpeechStream(this, sampleRate);
    }

    /**
     * Goes on where {@link SpeechStream#snapshot} was taken.
     *
     * @throws IllegalArgumentException if the bytes are of another version or configuration, cut or
     *     too long
     */
    public SpeechStream restore(byte[] snapshot) {
        return SpeechStream.restore(this, snapshot);
    }

    /** 16-bit samples as floats in [-1, 1). */
    public static float[] toFloats(short[] samples, int offset, int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = samples[offset + i] / 32768f;
        }
        return floats;
    }

    LogMel logMel() {
        return logMel;
    }

    Level level() {
        return level;
    }

    /** A resampler at a stream's beginning, from that rate to the model's. */
    Resampler resampler(int sampleRate) {
        return resamplers
                .computeIfAbsent(sampleRate, rate -> new Resampler(rate, config.mel().sampleRate()))
                .fresh();
    }

    private float[] padded(float[] samples) {
        if (samples.length == 0) {
            return samples;
        }
        float[] padded = new float[samples.length + 2 * config.paddingSamples()];
        System.arraycopy(samples, 0, padded, config.paddingSamples(), samples.length);
        return padded;
    }

    private float[] resample(float[] samples, int sampleRate) {
        if (sampleRate == config.mel().sampleRate()) {
            return samples;
        }
        FloatList out = new FloatList();
        Resampler resampler = resampler(sampleRate);
        resampler.accept(samples, 0, samples.length, out::add);
        resampler.finish(out::add);
        return out.toArray();
    }
}
