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
    /** The level of the shipped speech models: 5.12 s, 20 dB, no tilt. */
    public static final LevelConfig DIGITS =
            new LevelConfig(512, 0.01, -12.0, -11.5, 0.3, new double[0]);

    /** Checks the fields. */
    public LevelConfig {
        MelConfig.require("level.history_frames", historyFrames, 1, 1 << 20);
        if (!(activeRatio >= 0 && activeRatio <= 1)) {
            throw new IllegalArgumentException(
                    "level.active_ratio: expected 0 to 1, found " + activeRatio);
        }
        if (!Double.isFinite(minLevel) || !Double.isFinite(floor) || !Double.isFinite(scale)) {
            throw new IllegalArgumentException(
                    "level: expected finite min_level, floor and scale, found %s, %s and %s"
                            .formatted(minLevel, floor, scale));
        }
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
