package org.flinksigmoid.pipelines.scoring;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.kernels.model.TextModel;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.PlausibleWatermarks;

/** Messages in, a score for each out: batches cross keys, results of a key keep their order. */
public final class ScoringTopology {
    private static final OutputTag<DeadLetter<TextMessage>> FAILED_MESSAGES =
            MicroBatchInference.deadLetterTag(
                    "failed-messages", TypeInformation.of(TextMessage.class));

    /** How far ahead of all others a message's time makes nothing late. */
    private static final Duration AHEAD = Duration.ofDays(1);

    private ScoringTopology() {}

    /**
     * What the job gives.
     *
     * @param scores one for each message that could be scored
     * @param problems the other messages, with reasons
     */
    public record Results(
            SingleOutputStreamOperator<Score> scores, DataStream<BadInput> problems) {}

    /**
     * A whole job; problems are only counted in the operators' metrics.
     *
     * @param source of messages, with {@link TextMessage#timestampMillis} as event time; one more
     *     than a day ahead of the others makes nothing late
     * @param sink takes the scores
     * @return what else can be attached to
     * @throws org.flinksigmoid.kernels.checkpoint.CheckpointException if the checkpoint is unusable
     * @throws IllegalArgumentException on settings that contradict each other, naming their keys
     */
    public static Results build(
            StreamExecutionEnvironment env,
            Source<TextMessage, ?, ?> source,
            Sink<Score> sink,
            ScoringOptions options) {
        WatermarkStrategy<TextMessage> eventTime =
                PlausibleWatermarks.<TextMessage>strategy(AHEAD)
                        .withTimestampAssigner((message, before) -> message.timestampMillis());
        Results results =
                score(
                        env.fromSource(
                                        source,
                                        eventTime,
                                        "texts",
                                        TypeInformation.of(TextMessage.class))
                                .uid(options.name() + "-texts"),
                        options);
        results.scores().sinkTo(sink).name("scores").uid(options.name() + "-sink");
        return results;
    }

    /**
     * The part between source and sink, for a pipeline of your own.
     *
     * @throws org.flinksigmoid.kernels.checkpoint.CheckpointException if the checkpoint is unusable
     * @throws IllegalArgumentException on settings that contradict each other, naming their keys
     */
    public static Results score(DataStream<TextMessage> messages, ScoringOptions options) {
        refuseUnusable(options);
        SingleOutputStreamOperator<Score> scores =
                MicroBatchInference.of(
                                TextInference.messages(
                                        options.model().toString(), options.engine()),
                                Score.class)
                        .deadLetters(FAILED_MESSAGES)
                        .options(options.settings())
                        .name(options.name() + ": encoder")
                        .uid(options.name() + "-encoder")
                        .apply(messages.keyBy(TextMessage::key));
        DataStream<BadInput> problems =
                scores.getSideOutput(FAILED_MESSAGES)
                        .map(ScoringTopology::failed)
                        .returns(TypeInformation.of(BadInput.class))
                        .name(options.name() + ": failed messages")
                        .uid(options.name() + "-failed-messages");
        return new Results(scores, problems);
    }

    private static void refuseUnusable(ScoringOptions options) {
        // The plain backend is everywhere, also where only the job is submitted.
        TextModel.load(options.model(), options.engine().withBackend("scalar")).close();
    }

    private static BadInput failed(DeadLetter<TextMessage> letter) {
        TextMessage message = letter.original();
        return new BadInput(message.key() + " " + message.id(), letter.reason());
    }
}
