package org.flinksigmoid.operators.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TextWindowsITCase {
    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(1)
                            .build());

    @Test
    void slidingWindowsJoinMessagesByEventTime() throws Exception {
        List<TextMessage> texts =
                run(
                        TextWindows.sliding(Duration.ofSeconds(10), Duration.ofSeconds(5)),
                        message("a", "2", "there", 2000),
                        message("a", "1", "hello", 1000),
                        message("b", "3", "alone", 3000),
                        message("a", "4", "again", 7000),
                        message("a", "5", "", 8000));
        assertThat(texts)
                .containsExactlyInAnyOrder(
                        message("a", "2", "hello there", 4999),
                        message("b", "3", "alone", 4999),
                        message("a", "5", "hello there again ", 9999),
                        message("b", "3", "alone", 9999),
                        message("a", "5", "again ", 14_999));
    }

    /** As jobs demand that set {@code pipeline.auto-generate-uids: false}. */
    @Test
    void everyOperatorHasAUidWhereTheWindowsHaveOne() {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(
                        new Configuration().set(PipelineOptions.AUTO_GENERATE_UIDS, false));
        DataStream<TextMessage> messages = env.fromData(message("a", "1", "one", 1000)).uid("in");
        TextWindows.sessions(Duration.ofSeconds(3))
                .uid("sessions")
                .apply(messages)
                .sinkTo(new DiscardingSink<>())
                .uid("out");
        assertThat(env.getStreamGraph().getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .contains("sessions", "sessions-messages");
    }

    @Test
    void sessionsEndAfterAPause() throws Exception {
        List<TextMessage> texts =
                run(
                        TextWindows.sessions(Duration.ofSeconds(3)).separator("\n"),
                        message("a", "1", "one", 1000),
                        message("a", "2", "two", 3500),
                        message("b", "3", "other", 4000),
                        message("a", "4", "three", 9000));
        assertThat(texts)
                .containsExactlyInAnyOrder(
                        message("a", "2", "one\ntwo", 6499),
                        message("b", "3", "other", 6999),
                        message("a", "4", "three", 11_999));
    }

    @Test
    void messagesOfOneMomentAreJoinedInTheOrderOfTheirNumbers() throws Exception {
        TextMessage[] messages = new TextMessage[12];
        for (int i = 0; i < messages.length; i++) {
            messages[i] = message("a", "" + (i + 1), "t" + (i + 1), 1000);
        }
        List<TextMessage> texts = run(TextWindows.sessions(Duration.ofSeconds(3)), messages);
        String joined = "t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11 t12";
        assertThat(texts).containsExactly(message("a", "12", joined, 3999));
    }

    @Test
    void growingSessionsAreSentWithEveryMessageAndNotAtTheirEnd() throws Exception {
        List<TextMessage> texts =
                run(
                        TextWindows.sessions(Duration.ofSeconds(3)).growing(),
                        message("a", "1", "one", 1000),
                        message("a", "3", "three", 3000),
                        message("a", "2", "two", 2000),
                        message("a", "4", "new", 9000));
        assertThat(texts)
                .containsExactly(
                        message("a", "1", "one", 3999),
                        message("a", "3", "one three", 5999),
                        message("a", "3", "one two three", 5999),
                        message("a", "4", "new", 11_999));
    }

    @Test
    void longTextsAreCutAndTheNewestKept() throws Exception {
        List<TextMessage> texts =
                run(
                        TextWindows.sessions(Duration.ofSeconds(3)).maxCharacters(7),
                        message("a", "1", "0123456789", 1000),
                        message("a", "2", "\ud83d\ude00ab", 2000));
        // Seven units back lies the space before "😀ab" and two digits of the cut "0123456".
        assertThat(texts).containsExactly(message("a", "2", "56 \ud83d\ude00ab", 4999));
        assertThat(TextJoiner.beginning("a\ud83d\ude00", 2)).isEqualTo("a");
    }

    @Test
    void lateMessagesGoToTheSideOutput() throws Exception {
        try (StreamExecutionEnvironment env = environment()) {
            DataStream<TextMessage> messages =
                    env.fromData(
                                    message("a", "1", "one", 1000),
                                    message("a", "2", "far", 20_000),
                                    message("a", "3", "late", 1500))
                            .assignTimestampsAndWatermarks(everyMessage());
            SingleOutputStreamOperator<TextMessage> texts =
                    TextWindows.sliding(Duration.ofSeconds(5), Duration.ofSeconds(5))
                            .apply(messages);
            DataStream<TextMessage> late = texts.getSideOutput(TextWindows.LATE);
            try (CloseableIterator<TextMessage> found = late.executeAndCollect()) {
                assertThat(found).toIterable().containsExactly(message("a", "3", "late", 1500));
            }
        }
    }

    @Test
    void messagesWithATimeThatMakesNoSenseGoToTheSideOutputWithTheReason() throws Exception {
        TextMessage[] messages = {
            message("a", "1", "one", 1000),
            message("a", "2", "none", Long.MIN_VALUE),
            message("a", "3", "end", Long.MAX_VALUE),
            message("a", "4", "past", -(1L << 53) - 1),
            message("a", "5", "two", 2000),
        };
        for (TextWindows windows :
                List.of(
                        TextWindows.sessions(Duration.ofSeconds(3)),
                        TextWindows.sliding(Duration.ofSeconds(5), Duration.ofSeconds(5)))) {
            try (StreamExecutionEnvironment env = environment()) {
                SingleOutputStreamOperator<TextMessage> texts =
                        windows.apply(
                                env.fromData(messages).assignTimestampsAndWatermarks(byTime()));
                CloseableIterator<TextMessage> joined = texts.collectAsync();
                CloseableIterator<DeadLetter<TextMessage>> rejected =
                        texts.getSideOutput(TextWindows.REJECTED).collectAsync();
                env.execute();
                assertThat(joined)
                        .toIterable()
                        .extracting(TextMessage::text)
                        .containsExactly("one two");
                assertThat(rejected)
                        .toIterable()
                        .containsExactly(
                                rejected(messages[1]),
                                rejected(messages[2]),
                                rejected(messages[3]));
            }
        }
    }

    private static DeadLetter<TextMessage> rejected(TextMessage message) {
        return new DeadLetter<>(
                message,
                "timestamp: expected milliseconds since the epoch, found "
                        + message.timestampMillis(),
                1);
    }

    @Test
    void aStreamWithoutEventTimesIsRefusedInASentence() throws Exception {
        try (StreamExecutionEnvironment env = environment()) {
            DataStream<TextMessage> texts =
                    TextWindows.sessions(Duration.ofSeconds(3))
                            .apply(env.fromData(message("a", "1", "one", 1000)));
            assertThatThrownBy(() -> texts.executeAndCollect(1))
                    .rootCause()
                    .hasMessage(
                            "message 1 of a: expected an event time"
                                    + " (assignTimestampsAndWatermarks), found none");
        }
    }

    @Test
    void prefixesComeInOrderWithoutRepetition() throws Exception {
        try (StreamExecutionEnvironment env = environment()) {
            DataStream<TextMessage> messages =
                    env.fromData(message("a", "1", "abcdef", 0), message("a", "2", "xy", 1));
            try (CloseableIterator<TextMessage> found =
                    TextPrefixes.of(4, 2, 100, 2).apply(messages).executeAndCollect()) {
                assertThat(found)
                        .toIterable()
                        .extracting(TextMessage::text)
                        .containsExactly("ab", "abcd", "abcdef", "xy");
            }
        }
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> TextWindows.sessions(Duration.ZERO))
                .hasMessage("pause: expected more than 0, found PT0S");
        assertThatThrownBy(() -> TextWindows.sessions(Duration.ofMillis(Long.MAX_VALUE)))
                .hasMessageStartingWith("pause: expected at most 365000 days, found PT");
        assertThatThrownBy(() -> TextWindows.sliding(Duration.ofSeconds(1), Duration.ofSeconds(2)))
                .hasMessage("slide: expected at most the size PT1S, found PT2S");
        assertThatThrownBy(() -> TextPrefixes.of(0))
                .hasMessage("prefix length: expected 1 or more, found 0");
    }

    private static List<TextMessage> run(TextWindows windows, TextMessage... messages)
            throws Exception {
        try (StreamExecutionEnvironment env = environment()) {
            DataStream<TextMessage> stream =
                    env.fromData(messages).assignTimestampsAndWatermarks(byTime());
            List<TextMessage> texts = new ArrayList<>();
            try (CloseableIterator<TextMessage> found = windows.apply(stream).executeAndCollect()) {
                found.forEachRemaining(texts::add);
            }
            return texts;
        }
    }

    private static WatermarkStrategy<TextMessage> byTime() {
        return WatermarkStrategy.<TextMessage>forMonotonousTimestamps()
                .withTimestampAssigner((message, before) -> message.timestampMillis());
    }

    private static StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.getConfig().setAutoWatermarkInterval(60_000);
        return env;
    }

    /** A watermark after every message, so that lateness does not depend on the clock. */
    private static WatermarkStrategy<TextMessage> everyMessage() {
        return WatermarkStrategy.<TextMessage>forGenerator(context -> new EveryMessage())
                .withTimestampAssigner((message, before) -> message.timestampMillis());
    }

    private static final class EveryMessage implements WatermarkGenerator<TextMessage> {
        private long newest = Long.MIN_VALUE;

        @Override
        public void onEvent(TextMessage message, long timestamp, WatermarkOutput output) {
            newest = Math.max(newest, timestamp);
            output.emitWatermark(new Watermark(newest));
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
            // Each message has sent its own.
        }
    }

    private static TextMessage message(String key, String id, String text, long timestamp) {
        return new TextMessage(key, id, text, timestamp);
    }
}
