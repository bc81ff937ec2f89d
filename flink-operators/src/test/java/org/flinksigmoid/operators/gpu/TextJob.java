package org.flinksigmoid.operators.gpu;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.operators.inference.InferenceFunction;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/** A job of two subtasks that scores numbered messages of a few keys, with checkpoints. */
final class TextJob {
    static final int KEYS = 10;
    static final int BATCH = 16;

    /** Name of the operator, for its metrics. */
    static final String NAME = "gpu-texts";

    private TextJob() {}

    /**
     * What became of it.
     *
     * @param id the job's
     * @param scores of all messages
     */
    record Result(JobID id, List<Score> scores) {}

    /** Scores messages 0 to {@code messages - 1}; a failure of the job is not tried again. */
    static Result run(int messages, InferenceFunction<TextMessage, Score> function)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
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
                        .name(NAME)
                        .maxBatchSize(BATCH)
                        .apply(texts.keyBy(TextMessage::key))
                        .collectAsync()) {
            JobClient job = env.executeAsync();
            results.forEachRemaining(scores::add);
            return new Result(job.getJobID(), scores);
        }
    }

    static TextMessage message(long id) {
        return new TextMessage("k" + id % KEYS, Long.toString(id), "text number " + id * 7919, id);
    }
}
