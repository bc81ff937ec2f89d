package org.flinksigmoid.kernels.audio;

import java.io.Serializable;
import java.util.Arrays;

/**
 * How log-mel energies are made independent of how loud somebody speaks: see {@link
 * SpeechFrontEnd}.
 *
 * @param historyFrames frames of the stream, up to a window's end, that its level is taken from
 * @param activeRatio a frame counts if its power is at least this share of the mean power
 * @param minLevel lowest level: digital silence stays silent
 * @param floor lowest feature value, relative to the level, before scaling
 * @param scale factor of the features
 * @param melTilt what each band is expected to lie above the level; empty: nothing
 */
public record LevelConfig(
        int historyFrames,
        double activeRatio,
        double minLevel,
        double floor,
        double scale,
        double[] melTilt)
        implements Serializable {
    /** So that of equal frames one is active, however their mean is rounded. */
    private static final double MOST_RATIO = 0.99;

    /** So that features are finite floats. */
    private static final double MOST = 1e6;

    /** The level of the shipped speech models: 5.12 s, 20 dB, no tilt. */
    public static final LevelConfig DIGITS =
            new LevelConfig(512, 0.01, -12.0, -11.5, 0.3, new double[0]);

    /** Checks the fields. */
    public LevelConfig {
        MelConfig.require("level.history_frames", historyFrames, 1, 1 << 20);
        require("level.active_ratio", activeRatio, 0, MOST_RATIO);
        require("level.min_level", minLevel, -MOST, MOST);
        require("level.floor", floor, -MOST, MOST);
        require("level.scale", scale, -MOST, MOST);
        for (int i = 0; i < melTilt.length; i++) {
            require("level.mel_tilt[" + i + "]", melTilt[i], -MOST, MOST);
        }
    }

    private static void require(String field, double value, double least, double most) {
        boolean within = value >= least && value <= most; // NaN is not
        MelConfig.require(within, field, least + " to " + most, value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LevelConfig that
                && historyFrames == that.historyFrames
                && activeRatio == that.activeRatio
                && minLevel == that.minLevel
                && floor == that.floor
                && scale == that.scale
                && Arrays.equals(melTilt, that.melTilt);
    }

    @Override
    public int hashCode() {
        return 31 * historyFrames + Arrays.hashCode(melTilt);
    }

    @Override
    public String toString() {
        return "LevelConfig[historyFrames=%d, activeRatio=%s, minLevel=%s, floor=%s, scale=%s, melTilt=%s]"
                .formatted(
                        historyFrames,
                        activeRatio,
                        minLevel,
                        floor,
                        scale,
                        Arrays.toString(melTilt));
    }
}
