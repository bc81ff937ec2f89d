package org.flinksigmoid.operators.cookbook;

import java.time.Duration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.operators.inference.InferenceFunction;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.RetryPolicy;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/** Scores of mails; a failing device is asked again, a mail that fails alone is set aside. */
record SpamFilter(DataStream<Score> spam, DataStream<DeadLetter<TextMessage>> setAside) {
    /**
     * @param model of task {@code score}, such as {@code TextInference.messages(folder,
     *     ModelOptions.defaults())}; of a classifier take {@code TextPrediction.scoreOf("spam")}
     */
    static SpamFilter of(
            DataStream<TextMessage> mails, InferenceFunction<TextMessage, Score> model) {
        OutputTag<DeadLetter<TextMessage>> setAside =
                MicroBatchInference.deadLetterTag("set-aside", mails.getType());
        SingleOutputStreamOperator<Score> scores =
                MicroBatchInference.of(model, Score.class)
                        .uid("spam")
                        .retry(RetryPolicy.exponential(4, Duration.ofMillis(50)))
                        .deadLetters(setAside)
                        .apply(mails.keyBy(TextMessage::key));
        return new SpamFilter(
                scores.filter(score -> score.score() >= 0.5f), scores.getSideOutput(setAside));
    }
}
