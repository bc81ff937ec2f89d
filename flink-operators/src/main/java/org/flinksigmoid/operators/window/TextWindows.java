package org.flinksigmoid.operators.window;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SideOutputDataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.datastream.WindowedStream;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.DeadLetterTypeInfo;
import org.flinksigmoid.operators.types.TextMessage;

/**
 * Joins the messages of each key into longer texts: over sliding windows of event time, or over
 * sessions that a pause ends. What comes out is a message again, so it is scored like one.
 *
 * <pre>{@code
 * DataStream<TextMessage> conversations =
 *         TextWindows.sessions(Duration.ofMinutes(5)).growing().apply(messages);
 * }</pre>
 *
 * <p><b>Text.</b> The messages of a window in the order of their event times (then of their ids,
 * the shorter before the longer, so that numbers are in order), with the separator between them. Of
 * a message longer than the limit the beginning is kept, of a window its end: the newest messages.
 * The result has the key, the id of the newest message, and the window's end as its time.
 *
 * <p><b>Time.</b> A window is sent when the watermark passes its end; {@link #growing} sends it
 * with every message instead, so that scores follow the text as it arrives. With an allowed
 * lateness a window is sent again for each message that comes late but in time. Later ones go to
 * {@link #LATE}. Results are never behind a watermark that was passed on, unless they are such
 * repetitions. The end of the input sends what is open. Messages need event times and watermarks,
 * as Flink's own windows do; one whose time makes no sense, such as {@link Long#MIN_VALUE}, goes to
 * {@link #REJECTED}.
 *
 * <p><b>State.</b> The newest messages of the open windows of each key, at most about twice as many
 * as fill {@link TextWindowOptions#MAX_CHARACTERS}, gone when the watermark passes a window's end
 * by the allowed lateness.
 *
 * <p>Scoring message by message needs no window; scores of a message's first characters come from
 * {@link TextPrefixes}.
 */
public final class TextWindows {
    /** Messages that came after all their windows had gone. */
    public static final OutputTag<TextMessage> LATE =
            new OutputTag<>("late-text", TypeInformation.of(TextMessage.class));

    /** Messages whose event time makes no sense, with the reason. */
    public static final OutputTag<DeadLetter<TextMessage>> REJECTED =
            new OutputTag<>(
                    "rejected-text",
                    new DeadLetterTypeInfo<>(TypeInformation.of(TextMessage.class)));

    private static final TypeInformation<List<TextMessage>> NEWEST =
            Types.LIST(TypeInformation.of(TextMessage.class));

    private final WindowAssigner<Object, TimeWindow> assigner;
    private String name;
    private Optional<String> uid = Optional.empty();
    private Duration allowedLateness = TextWindowOptions.ALLOWED_LATENESS.defaultValue();
    private int maxCharacters = TextWindowOptions.MAX_CHARACTERS.defaultValue();
    private String separator = TextWindowOptions.SEPARATOR.defaultValue();
    private boolean growing;

    private TextWindows(String name, WindowAssigner<Object, TimeWindow> assigner) {
        this.name = name;
        this.assigner = assigner;
    }

    /**
     * Windows of one length that begin at regular times; with {@code slide == size} each message is
     * in one window.
     *
     * @param size length of a window
     * @param slide from one window's beginning to the next one's
     */
    public static TextWindows sliding(Duration size, Duration slide) {
        positive("size", size);
        positive("slide", slide);
        if (slide.compareTo(size) > 0) {
            throw new IllegalArgumentException(
                    "slide: expected at most the size %s, found %s".formatted(size, slide));
        }
        return new TextWindows("sliding-text", SlidingEventTimeWindows.of(size, slide));
    }

    /**
     * Windows that last as long as messages come.
     *
     * @param pause without a message for this long, a session has ended
     */
    public static TextWindows sessions(Duration pause) {
        positive("pause", pause);
        return new TextWindows("text-sessions", EventTimeSessionWindows.<Object>withGap(pause));
    }

    /** Takes every option that the configuration sets. */
    public TextWindows options(ReadableConfig options) {
        options.getOptional(TextWindowOptions.ALLOWED_LATENESS).ifPresent(this::allowedLateness);
        options.getOptional(TextWindowOptions.MAX_CHARACTERS).ifPresent(this::maxCharacters);
        options.getOptional(TextWindowOptions.SEPARATOR).ifPresent(this::separator);
        return this;
    }

    /** Name in the web interface and in metrics. */
    public TextWindows name(String value) {
        name = Objects.requireNonNull(value, "name");
        return this;
    }

    /** Identity of the operator's state across versions of the job. */
    public TextWindows uid(String value) {
        uid = Optional.of(value);
        return this;
    }

    /** Sends a window with every message, as it stands then, and not at its end. */
    public TextWindows growing() {
        growing = true;
        return this;
    }

    /** See {@link TextWindowOptions#ALLOWED_LATENESS}. */
    public TextWindows allowedLateness(Duration value) {
        Objects.requireNonNull(value, "allowedLateness");
        if (value.isNegative()) {
            throw new IllegalArgumentException(
                    "%s: expected 0 or more, found %s"
                            .formatted(TextWindowOptions.ALLOWED_LATENESS.key(), value));
        }
        SpeechWindowSettings.atMost(TextWindowOptions.ALLOWED_LATENESS.key(), value);
        allowedLateness = value;
        return this;
    }

    /** See {@link TextWindowOptions#MAX_CHARACTERS}. */
    public TextWindows maxCharacters(int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "%s: expected 1 or more, found %d"
                            .formatted(TextWindowOptions.MAX_CHARACTERS.key(), value));
        }
        maxCharacters = value;
        return this;
    }

    /** See {@link TextWindowOptions#SEPARATOR}. */
    public TextWindows separator(String value) {
        separator = Objects.requireNonNull(value, "separator");
        return this;
    }

    /**
     * Adds the operator to the stream, keyed by the messages' key. A message without any event time
     * fails the job, in a sentence.
     */
    public SingleOutputStreamOperator<TextMessage> apply(DataStream<TextMessage> messages) {
        SingleOutputStreamOperator<TextMessage> usable = usable(messages);
        WindowedStream<TextMessage, String, TimeWindow> windowed =
                usable.keyBy(TextMessage::key)
                        .window(assigner)
                        .allowedLateness(allowedLateness)
                        .sideOutputLateData(LATE);
        if (growing) {
            windowed = windowed.trigger(new EveryMessageTrigger());
        }
        SingleOutputStreamOperator<TextMessage> texts =
                windowed.aggregate(
                                new NewestMessages(separator, maxCharacters),
                                new TextJoiner(separator, maxCharacters),
                                NEWEST,
                                NEWEST,
                                TypeInformation.of(TextMessage.class))
                        .name(name);
        uid.ifPresent(texts::uid);
        return new Texts(texts, usable);
    }

    private SingleOutputStreamOperator<TextMessage> usable(DataStream<TextMessage> messages) {
        SingleOutputStreamOperator<TextMessage> usable =
                messages.process(
                                new UsableMessages(maxCharacters),
                                TypeInformation.of(TextMessage.class))
                        .name(name + " messages");
        uid.ifPresent(value -> usable.uid(value + "-messages"));
        return usable;
    }

    /** The windows' texts, with the side output of the operator before them. */
    private static final class Texts extends SingleOutputStreamOperator<TextMessage> {
        private final SingleOutputStreamOperator<TextMessage> usable;

        Texts(
                SingleOutputStreamOperator<TextMessage> texts,
                SingleOutputStreamOperator<TextMessage> usable) {
            super(texts.getExecutionEnvironment(), texts.getTransformation());
            this.usable = usable;
        }

        @Override
        public <X> SideOutputDataStream<X> getSideOutput(OutputTag<X> tag) {
            return tag.equals(REJECTED) ? usable.getSideOutput(tag) : super.getSideOutput(tag);
        }
    }

    private static void positive(String field, Duration value) {
        Objects.requireNonNull(value, field);
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    "%s: expected more than 0, found %s".formatted(field, value));
        }
        SpeechWindowSettings.atMost(field, value);
    }
}
