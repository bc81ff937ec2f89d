package org.flinksigmoid.operators.window;

import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;

/**
 * Settings of one speech window operator; see {@link SpeechWindowOptions} for what each means.
 *
 * @param allowedLateness how long a missing chunk is waited for
 * @param maxGap longest stretch of silence put in
 * @param idleTimeout silence of the sender that ends a stream
 * @param timestampTolerance inaccuracy of timestamps
 * @param maxWaiting audio that may wait in state
 * @param maxAhead how far a chunk may be ahead of the watermark
 */
public record SpeechWindowSettings(
        Duration allowedLateness,
        Duration maxGap,
        Duration idleTimeout,
        Duration timestampTolerance,
        Duration maxWaiting,
        Duration maxAhead)
        implements Serializable {
    /** More would take sums of event times over the end of their numbers. */
    static final Duration LONGEST = Duration.ofDays(365_000);

    /** The default of every option. */
    public static final SpeechWindowSettings DEFAULT =
            new SpeechWindowSettings(
                    SpeechWindowOptions.ALLOWED_LATENESS.defaultValue(),
                    SpeechWindowOptions.MAX_GAP.defaultValue(),
                    SpeechWindowOptions.IDLE_TIMEOUT.defaultValue(),
                    SpeechWindowOptions.TIMESTAMP_TOLERANCE.defaultValue(),
                    SpeechWindowOptions.MAX_WAITING.defaultValue(),
                    SpeechWindowOptions.MAX_AHEAD.defaultValue());

    /** Checks the settings against each other. */
    public SpeechWindowSettings {
        atLeast(SpeechWindowOptions.ALLOWED_LATENESS, allowedLateness, Duration.ZERO);
        atLeast(SpeechWindowOptions.TIMESTAMP_TOLERANCE, timestampTolerance, Duration.ZERO);
        atLeast(SpeechWindowOptions.MAX_GAP, maxGap, timestampTolerance);
        atLeast(SpeechWindowOptions.IDLE_TIMEOUT, idleTimeout, allowedLateness);
        atLeast(SpeechWindowOptions.MAX_WAITING, maxWaiting, Duration.ZERO);
        atLeast(SpeechWindowOptions.MAX_AHEAD, maxAhead, idleTimeout);
    }

    private static void atLeast(ConfigOption<Duration> option, Duration value, Duration least) {
        if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException(
                    "%s: expected at least %s, found %s".formatted(option.key(), least, value));
        }
        atMost(option.key(), value);
    }

    /** Refuses what is longer than {@link #LONGEST}. */
    static void atMost(String name, Duration value) {
        if (value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "%s: expected at most %d days, found %s"
                            .formatted(name, LONGEST.toDays(), value));
        }
    }
}
