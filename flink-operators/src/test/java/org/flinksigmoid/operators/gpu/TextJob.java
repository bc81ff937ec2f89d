package org.flinksigmoid.operators.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.assertj.core.data.Offset;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.TextModel;
import org.flinksigmoid.operators.inference.InferenceFunction;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/** A job of two subtasks that scores numbered messages of a few keys, with checkpoints. */
final class TextJob {
    static final int KEYS = 10;
    static final int BATCH = 16;

    /** fp16 against float. */
    private static final Offset<Float> ROUNDING = Offset.offset(5e-3f);

    static final int SUBTASKS = 2;

    private TextJob() {}

    /** Scores messages 0 to {@code messages - 1} on the test's cluster. */
    static List<Score> run(int messages, InferenceFunction<TextMessage, Score> function)
            throws Exception {
        return run(
                StreamExecutionEnvironment.getExecutionEnvironment(settings()), messages, function);
    }

    /** Settings of a job with checkpoints that is not tried again when it fails. */
    static Configuration settings() {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
        return configuration;
    }

    /** Scores messages 0 to {@code messages - 1} on the environment's cluster. */
    static List<Score> run(
            StreamExecutionEnvironment env,
            int messages,
            InferenceFunction<TextMessage, Score> function)
            throws Exception {
        env.setParallelism(SUBTASKS);
        DataStream<TextMessage> texts =
                env.fromSource(
                                new DataGeneratorSource<>(
                                        TextJob::message,
                                        messages,
                                        TypeInformation.of(TextMessage.class)),
                                WatermarkStrategy.noWatermarks(),
                                "texts")
                        .setParallelism(1);
        List<Score> scores = new ArrayList<>();
        try (var results =
                MicroBatchInference.of(function, Score.class)
                        .maxBatchSize(BATCH)
                        .apply(texts.keyBy(TextMessage::key))
                        .collectAsync()) {
            env.executeAsync();
            results.forEachRemaining(scores::add);
        }
        return scores;
    }

    /** Fails unless the scores are those of the model in that folder on this machine's CPU. */
    static void assertAnsweredAsOnTheCpu(Path model, List<Score> scores) {
        try (TextModel cpu = TextModel.load(model, ModelOptions.defaults().withBackend("vector"))) {
            for (Score score : scores) {
                int[] tokens = cpu.encode(message(Long.parseLong(score.id())).text());
                float[] expected = cpu.infer(List.of(tokens)).getFirst();
                assertThat(score.scores()).as(score.id()).containsExactly(expected, ROUNDING);
            }
        }
    }

    static TextMessage message(long id) {
        return new TextMessage("k" + id % KEYS, Long.toString(id), "text number " + id * 7919, id);
    }
}
