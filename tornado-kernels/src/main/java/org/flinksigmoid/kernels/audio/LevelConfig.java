package org.flinksigmoid.kernels.audio;

import java.util.Arrays;
import java.util.Optional;

/**
 * How log-mel energies are made independent of how loud, and by which channel, somebody speaks. See
 * {@link Level}.
 *
 * @param historyFrames frames of the stream, up to a window's end, that its level is taken from
 * @param activeRatio a frame counts if its power is at least this share of the mean power
 * @param minLevel a lower mean log energy is silence: the level is then this value
 * @param floor lowest feature value, relative to the level, before scaling
 * @param scale factor of the features
 * @param melPrior empty: one level for all bands; present: a level a band, as far as it is trusted
 */
public record LevelConfig(
        int historyFrames,
        double activeRatio,
        double minLevel,
        double floor,
        double scale,
        Optional<MelPrior> melPrior) {
    /** The level of the shipped speech models: 5.12 s, 20 dB, one level for all bands. */
    public static final LevelConfig DIGITS =
            new LevelConfig(512, 0.01, -12.0, -6.907755, 0.3, Optional.empty());

    /**
     * What is known of the bands' levels before any frame is heard.
     *
     * @param frames active frames that weigh as much as the prior
     * @param reference the training set's mean log energies relative to their mean, one a band
     */
    public record MelPrior(double frames, double[] reference) {
        /** Checks the weight. */
        public MelPrior {
            if (!(frames >= 0)) {
                throw new IllegalArgumentException(
                        "level.mel_prior_frames: expected >= 0, found " + frames);
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof MelPrior prior
                    && frames == prior.frames
                    && Arrays.equals(reference, prior.reference);
        }

        @Override
        public int hashCode() {
            return 31 * Double.hashCode(frames) + Arrays.hashCode(reference);
        }

        @Override
        public String toString() {
            return "MelPrior[frames=%s, reference=%s]"
                    .formatted(frames, Arrays.toString(reference));
        }
    }

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
}
