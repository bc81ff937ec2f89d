package org.flinksigmoid.kernels.audio;

import java.util.Arrays;

/**
 * The level of a stretch of log-mel frames, and features relative to it.
 *
 * <p>With {@code power[t] = sum_m exp(x[t,m])}, the frames whose power reaches {@code activeRatio}
 * of the mean are active. The level is the mean of {@code x} over them and the bands, at least
 * {@code minLevel}: pauses don't move it, and it has no memory beyond its frames. Features are
 * {@code max(x[t,m] - level - melTilt[m], floor) * scale}.
 *
 * <p>Sums run over increasing frames, then bands, in double, so the same frames give the same bits.
 * Not thread-safe.
 */
final class Level {
    private final LevelConfig config;
    private final int bands;
    private final double[] tilt;
    private final double[] sums;

    Level(LevelConfig config, int bands) {
        this.config = config;
        this.bands = bands;
        this.sums = new double[bands];
        this.tilt = Arrays.copyOf(config.melTilt(), bands);
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
     */
    double of(float[] frames, double[] powers, long from, long to) {
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
            mean += sums[m] / active;
        }
        return Math.max(mean / bands, config.minLevel());
    }

    /** Features of one frame, written to {@code out}. */
    void normalise(float[] frames, int offset, double level, float[] out, int outOffset) {
        for (int m = 0; m < bands; m++) {
            double relative = Math.max(frames[offset + m] - level - tilt[m], config.floor());
            out[outOffset + m] = (float) (relative * config.scale());
        }
    }
}
