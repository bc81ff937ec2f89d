package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/** Numbered messages, keyed, through a scripted function into a check of their sequence. */
final class InferenceJob {
    final Configuration configuration = new Configuration();
    final String name;
    final int keys;
    final long records;
    MicroBatchInference<TextMessage, Score> inference;

    /** Pace of the source; 0 for as fast as it goes. */
    double recordsPerSecond;

    InferenceJob(String name, int keys, long records) {
        this.name = name;
        this.keys = keys;
        this.records = records;
        inference =
                MicroBatchInference.of(new ScriptedFunction(name), Score.class)
                        .uid("inference")
                        .maxBatchSize(16)
                        .maxInFlight(1000)
                        .batchTimeout(Duration.ofMillis(2));
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 50);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
    }

    InferenceJob on(String stateBackend) {
        configuration.set(StateBackendOptions.STATE_BACKEND, stateBackend);
        return this;
    }

    /** The job with that many inference subtasks. */
    StreamExecutionEnvironment build(int parallelism) {
        StreamExecutionEnvironment env = environment();
        check(inference.apply(messages(env).keyBy(TextMessage::key)).setParallelism(parallelism));
        return env;
    }

    /** An empty job of this configuration. */
    StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setMaxParallelism(16);
        return env;
    }

    /** The messages, in event time, from one subtask. */
    DataStream<TextMessage> messages(StreamExecutionEnvironment env) {
        return messages(env, 1);
    }

    /** The messages, in event time; from several subtasks, a key's are not in order. */
    DataStream<TextMessage> messages(StreamExecutionEnvironment env, int subtasks) {
        int keyCount = keys; // the lambda must not hold this object
        DataGeneratorSource<TextMessage> source =
                new DataGeneratorSource<>(
                        id -> message(id, keyCount),
                        records,
                        recordsPerSecond == 0
                                ? RateLimiterStrategy.noOp()
                                : RateLimiterStrategy.perSecond(recordsPerSecond),
                        TypeInformation.of(TextMessage.class));
        return env.fromSource(
                        source,
                        WatermarkStrategy.<TextMessage>forMonotonousTimestamps()
                                .withTimestampAssigner((m, t) -> m.timestampMillis()),
                        "source")
                .uid("source")
                .setParallelism(subtasks);
    }

    /** Lets the results go through the check. */
    void check(DataStream<Score> scores) {
        scores.keyBy(Score::key)
                .process(new SequenceCheck(name, keys))
                .returns(String.class)
                .uid("check")
                .setParallelism(2)
                .sinkTo(new DiscardingSink<>())
                .setParallelism(1);
    }

    /** After the job: every id has passed the check, once, in the order of its key. */
    void assertExactlyOnceInOrder() {
        SequenceCheck.Report report = SequenceCheck.report(name);
        assertThat(report.violations).isEmpty();
        assertThat(report.finished).hasSize(keys);
        assertThat(report.finished.values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(records);
    }

    private static TextMessage message(long id, int keys) {
        return new TextMessage("k" + id % keys, Long.toString(id), "text " + id, id);
    }
}
