package org.flinksigmoid.kernels.audio;

import java.util.Arrays;

/**
 * The level of a stretch of log-mel frames, and features relative to it.
 *
 * <p>With {@code power[t] = sum_m exp(x[t,m])}, the frames whose power reaches {@code activeRatio}
 * of the mean are active; {@code A[m]} is the mean of {@code x[t,m]} over them and {@code L} the
 * mean of {@code A}. The level of band {@code m} is {@code L}, or with a prior of {@code p} frames
 * and {@code n} active ones {@code L + n / (n + p) * (A[m] - L - reference[m])}; below {@code
 * minLevel} it is {@code minLevel}. Features are {@code max(x - level, floor) * scale}. So pauses
 * don't move the level, and it has no memory beyond its frames.
 *
 * <p>Sums run over increasing frames, then bands, in double, so the same frames give the same bits.
 * Not thread-safe.
 */
final class Level {
    private final LevelConfig config;
    private final int bands;
    private final double[] sums;
    private final double[] level;

    Level(LevelConfig config, int bands) {
        this.config = config;
        this.bands = bands;
        this.sums = new double[bands];
        this.level = new double[bands];
        config.melPrior()
                .ifPresent(
                        prior -> {
                            if (prior.reference().length != bands) {
                                throw new IllegalArgumentException(
                                        "level.mel_reference: expected %d values, found %d"
                                                .formatted(bands, prior.reference().length));
                            }
                        });
    }

    /** Power of a frame: the sum of its bands' energies. */
    static double power(float[] frames, int offset, int bands) {
        double power = 0;
        for (int m = 0; m < bands; m++) {
            power += Math.exp(frames[offset + m]);
        }
        return power;
    }

    /**
     * The level of frames {@code [from, to)} of a ring that holds frame {@code t} in row {@code t %
     * rows}.
     *
     * @param frames log energies, {@code [rows, bands]}
     * @param powers each row's {@link #power}
     * @return one value a band; valid until the next call
     */
    double[] of(float[] frames, double[] powers, long from, long to) {
        int rows = powers.length;
        double total = 0;
        for (long t = from; t < to; t++) {
            total += powers[(int) (t % rows)];
        }
        double threshold = config.activeRatio() * (total / (to - from));
        Arrays.fill(sums, 0);
        int active = 0;
        for (long t = from; t < to; t++) {
            int row = (int) (t % rows);
            if (powers[row] >= threshold) {
                active++;
                for (int m = 0; m < bands; m++) {
                    sums[m] += frames[row * bands + m];
                }
            }
        }
        double mean = 0;
        for (int m = 0; m < bands; m++) {
            level[m] = sums[m] / active;
            mean += level[m];
        }
        mean /= bands;
        if (mean < config.minLevel()) {
            Arrays.fill(level, config.minLevel());
        } else if (config.melPrior().isEmpty()) {
            Arrays.fill(level, mean);
        } else {
            LevelConfig.MelPrior prior = config.melPrior().get();
            double trust = active / (active + prior.frames());
            for (int m = 0; m < bands; m++) {
                level[m] = mean + trust * (level[m] - mean - prior.reference()[m]);
            }
        }
        return level;
    }

    /** Features of one frame, written to {@code out}. */
    void normalise(float[] frames, int offset, double[] level, float[] out, int outOffset) {
        for (int m = 0; m < bands; m++) {
            double relative = Math.max(frames[offset + m] - level[m], config.floor());
            out[outOffset + m] = (float) (relative * config.scale());
        }
    }
}
