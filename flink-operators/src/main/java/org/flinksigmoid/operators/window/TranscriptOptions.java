package org.flinksigmoid.operators.window;

import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

/** Options of {@link TranscriptAssembler}, for jobs that read them from a configuration. */
public final class TranscriptOptions {
    /** Whether partial results are sent. */
    public static final ConfigOption<Boolean> PARTIALS =
            ConfigOptions.key("transcript.partials")
                    .booleanType()
                    .defaultValue(true)
                    .withDescription(
                            "Whether each window sends what is heard so far, or only utterances"
                                    + " that have ended are sent.");

    /** When a stream is given up. */
    public static final ConfigOption<Duration> STREAM_TIMEOUT =
            ConfigOptions.key("transcript.stream-timeout")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(2))
                    .withDescription(
                            "How far the watermark may pass a stream's newest window before the"
                                    + " stream is ended without its last one.");

    private TranscriptOptions() {}
}
