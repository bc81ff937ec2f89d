package org.flinksigmoid.operators.window;

import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

/** Options of {@link TextWindows}, for jobs that read them from a configuration. */
public final class TextWindowOptions {
    /** How long after its end a window takes messages. */
    public static final ConfigOption<Duration> ALLOWED_LATENESS =
            ConfigOptions.key("text.allowed-lateness")
                    .durationType()
                    .defaultValue(Duration.ZERO)
                    .withDescription(
                            "How far the watermark may pass a window's end before messages for it"
                                    + " are late; until then each one sends the window again.");

    /** Longest text of a window. */
    public static final ConfigOption<Integer> MAX_CHARACTERS =
            ConfigOptions.key("text.max-characters")
                    .intType()
                    .defaultValue(4096)
                    .withDescription(
                            "Characters (UTF-16 units) of a message and of a window's text; of a"
                                    + " longer message the beginning is kept, of a longer window"
                                    + " its end.");

    /** What stands between two messages. */
    public static final ConfigOption<String> SEPARATOR =
            ConfigOptions.key("text.separator")
                    .stringType()
                    .defaultValue(" ")
                    .withDescription("What stands between two messages of a window.");

    private TextWindowOptions() {}
}
