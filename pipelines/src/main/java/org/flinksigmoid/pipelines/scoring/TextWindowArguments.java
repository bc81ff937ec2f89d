package org.flinksigmoid.pipelines.scoring;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.TimeUtils;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.operators.window.TextPrefixes;
import org.flinksigmoid.operators.window.TextWindows;
import org.flinksigmoid.pipelines.WholeNumber;
import org.flinksigmoid.pipelines.source.BadInput;
import picocli.CommandLine.Option;

/** Which texts are made of the lines before they are scored; by default each line is one. */
final class TextWindowArguments {
    @Option(
            names = "--sessions",
            paramLabel = "PAUSE",
            description =
                    "Score the lines of a key together until none comes for PAUSE, such as 5min.")
    private String pause;

    @Option(
            names = "--sliding",
            paramLabel = "SIZE[/SLIDE]",
            description =
                    "Score the lines of a key together over windows of SIZE, one every SLIDE, such"
                            + " as 60s/10s.")
    private String sliding;

    @Option(
            names = "--growing",
            description = "With --sessions or --sliding: a score with every line, not at the end.")
    private boolean growing;

    @Option(
            names = "--prefixes",
            split = ",",
            paramLabel = "N",
            converter = WholeNumber.Positive.class,
            description = "Score the first N characters of each text, too, such as 8,16,32.")
    private int[] prefixes = {};

    TextWindowArguments() {}

    /**
     * Adds the windows.
     *
     * @throws IllegalArgumentException on arguments that contradict each other
     */
    ScoringArguments.Texts apply(ScoringArguments.Texts lines, Configuration settings) {
        if (pause != null && sliding != null) {
            throw new IllegalArgumentException("expected --sessions or --sliding, found both");
        }
        ScoringArguments.Texts texts = lines;
        if (pause != null) {
            texts = windows(lines, TextWindows.sessions(duration("--sessions", pause)), settings);
        } else if (sliding != null) {
            String[] parts = sliding.split("/", 2);
            Duration size = duration("--sliding", parts[0]);
            Duration slide = parts.length == 1 ? size : duration("--sliding", parts[1]);
            if (slide.compareTo(size) > 0) {
                throw new IllegalArgumentException(
                        "--sliding: expected a SLIDE of at most SIZE, found " + sliding);
            }
            texts = windows(lines, TextWindows.sliding(size, slide), settings);
        } else {
            refuseForWindowsOnly(settings);
        }
        return prefixes.length == 0
                ? texts
                : new ScoringArguments.Texts(
                        TextPrefixes.of(prefixes).apply(texts.messages()).uid("text-prefixes"),
                        texts.problems());
    }

    private void refuseForWindowsOnly(Configuration settings) {
        List<String> given = new ArrayList<>(growing ? List.of("--growing") : List.of());
        settings.keySet().stream().filter(key -> key.startsWith("text.")).forEach(given::add);
        if (!given.isEmpty()) {
            throw new IllegalArgumentException(
                    given.getFirst() + ": expected --sessions or --sliding, too");
        }
    }

    private ScoringArguments.Texts windows(
            ScoringArguments.Texts lines, TextWindows windows, Configuration settings) {
        TextWindows chosen = (growing ? windows.growing() : windows).options(settings);
        SingleOutputStreamOperator<TextMessage> texts =
                chosen.uid("text-windows").apply(lines.messages());
        DataStream<BadInput> late =
                texts.getSideOutput(TextWindows.LATE)
                        .map(TextWindowArguments::late)
                        .returns(TypeInformation.of(BadInput.class))
                        .name("late-text")
                        .uid("late-text");
        return new ScoringArguments.Texts(texts, lines.problems().union(late));
    }

    private static BadInput late(TextMessage message) {
        return new BadInput(
                message.key() + " " + message.id(), "it came after its windows had gone");
    }

    private static Duration duration(String option, String text) {
        RuntimeException cause = null;
        try {
            Duration duration = Duration.ofMillis(TimeUtils.parseDuration(text).toMillis());
            if (duration.isPositive()) {
                return duration;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            cause = e;
        }
        throw new IllegalArgumentException(
                "%s: expected a duration such as 5min, found %s".formatted(option, text), cause);
    }
}
