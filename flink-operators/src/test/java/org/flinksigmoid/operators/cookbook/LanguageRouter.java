package org.flinksigmoid.operators.cookbook;

import org.apache.flink.streaming.api.datastream.DataStream;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.types.TextMessage;

/** Messages with their language, for a branch of the pipeline each. */
final class LanguageRouter {
    private static final float SURE = 0.4f;

    private LanguageRouter() {}

    /** A message and its language; "unsure" where the model is. */
    public record Routed(String language, TextMessage message) {}

    static DataStream<Routed> route(DataStream<TextMessage> messages, String model) {
        TextInference<TextMessage, Routed> language =
                new TextInference<>(
                        model,
                        ModelOptions.defaults(),
                        TextMessage::text,
                        (message, said) ->
                                new Routed(said.score() < SURE ? "unsure" : said.label(), message));
        return MicroBatchInference.of(language, Routed.class)
                .uid("language")
                .maxBatchSize(128)
                .apply(messages.keyBy(TextMessage::key));
    }

    static DataStream<TextMessage> in(String language, DataStream<Routed> routed) {
        return routed.filter(message -> message.language().equals(language))
                .map(Routed::message)
                .returns(TextMessage.class);
    }
}
