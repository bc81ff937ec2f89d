package org.flinksigmoid.operators.window;

import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

/** Options of {@link SpeechWindows}, for jobs that read them from a configuration. */
public final class SpeechWindowOptions {
    /** How long a missing chunk is waited for. */
    public static final ConfigOption<Duration> ALLOWED_LATENESS =
            ConfigOptions.key("speech.allowed-lateness")
                    .durationType()
                    .defaultValue(Duration.ofMillis(500))
                    .withDescription(
                            "How far the watermark may pass a chunk that waits for an earlier one"
                                    + " before the earlier one is given up.");

    /** Longest stretch of silence put in. */
    public static final ConfigOption<Duration> MAX_GAP =
            ConfigOptions.key("speech.max-gap")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(5))
                    .withDescription(
                            "Longest jump of a stream's timestamps that is filled with silence; a"
                                    + " longer one, forward or backward, ends the utterance.");

    /** Silence of the sender that ends a stream. */
    public static final ConfigOption<Duration> IDLE_TIMEOUT =
            ConfigOptions.key("speech.idle-timeout")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(30))
                    .withDescription(
                            "How far the watermark may pass the end of a stream's audio before the"
                                    + " stream is taken to have ended without an end marker.");

    /** Inaccuracy of timestamps. */
    public static final ConfigOption<Duration> TIMESTAMP_TOLERANCE =
            ConfigOptions.key("speech.timestamp-tolerance")
                    .durationType()
                    .defaultValue(Duration.ofMillis(100))
                    .withDescription(
                            "How far the timestamp of a chunk with the next sequence number may be"
                                    + " off before silence is put in.");

    /** Audio that may wait in state. */
    public static final ConfigOption<Duration> MAX_WAITING =
            ConfigOptions.key("speech.max-waiting")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(10))
                    .withDescription(
                            "Audio of one stream that may wait for a missing chunk; with more the"
                                    + " chunk is given up whatever the watermark.");

    /** How far a chunk may be ahead of its time. */
    public static final ConfigOption<Duration> MAX_AHEAD =
            ConfigOptions.key("speech.max-ahead")
                    .durationType()
                    .defaultValue(Duration.ofDays(1))
                    .withDescription(
                            "A chunk whose timestamp is further ahead of the watermark is from the"
                                    + " future and rejected.");

    private SpeechWindowOptions() {}
}
