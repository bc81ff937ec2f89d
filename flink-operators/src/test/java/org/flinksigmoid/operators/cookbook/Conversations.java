package org.flinksigmoid.operators.cookbook;

import java.time.Duration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.operators.window.TextPrefixes;
import org.flinksigmoid.operators.window.TextWindows;

/** A score for the conversation so far with every message, and for how each message began. */
final class Conversations {
    private Conversations() {}

    static DataStream<Score> soFar(DataStream<TextMessage> messages, String model) {
        DataStream<TextMessage> conversations =
                TextWindows.sessions(Duration.ofMinutes(5)).growing().apply(messages);
        return score(conversations, model, "conversations");
    }

    static DataStream<Score> beginnings(DataStream<TextMessage> messages, String model) {
        return score(TextPrefixes.of(8, 16, 32).apply(messages), model, "beginnings");
    }

    private static DataStream<Score> score(
            DataStream<TextMessage> texts, String model, String uid) {
        return MicroBatchInference.of(
                        TextInference.messages(model, ModelOptions.defaults()), Score.class)
                .uid(uid)
                .apply(texts.keyBy(TextMessage::key));
    }
}
