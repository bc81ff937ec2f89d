package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Texts through a small model while the job fails again and again, calls fail, and some records
 * can't be processed. A small dose by default; all of it with {@code -Dsoak.records=300000
 * -Dsoak.failure-millis=5000 -Dsoak.failures=1000}.
 */
class SoakITCase {
    private static final int KEYS = 200;
    private static final int RECORDS = Integer.getInteger("soak.records", 16_000);
    private static final int FAILURE_MILLIS = Integer.getInteger("soak.failure-millis", 700);
    private static final int FAILURES = Integer.getInteger("soak.failures", 3);

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(2)
                            .setNumberSlotsPerTaskManager(1)
                            .build());

    @TempDir private Path folder;

    @Test
    @Timeout(600)
    void everyIdLeavesOnceInOrderOrAsADeadLetterWhateverFails() throws Exception {
        TinyCheckpoint.text("text-classification").write(folder);
        InferenceJob job = new InferenceJob("soak", KEYS, RECORDS);
        job.recordsPerSecond = 6000;
        job.configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
        FaultyText.Faults faults = FaultyText.faults(job.name);
        faults.intervalNanos = FAILURE_MILLIS * 1_000_000L;
        faults.most = FAILURES;
        job.configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, FAILURES);
        var inference =
                MicroBatchInference.of(new FaultyText(job.name, folder.toString()), Score.class)
                        .uid("inference")
                        .maxBatchSize(64)
                        .maxInFlight(2000)
                        .batchTimeout(Duration.ofMillis(5))
                        .retry(RetryPolicy.exponential(3, Duration.ofMillis(1)))
                        .deadLetters(Harness.BAD);
        StreamExecutionEnvironment env = job.environment();
        var scores = inference.apply(job.messages(env).keyBy(TextMessage::key)).setParallelism(2);
        scores.keyBy(Score::key)
                .connect(scores.getSideOutput(Harness.BAD).keyBy(letter -> letter.original().key()))
                .process(new ReconcileCheck(job.name, KEYS))
                .returns(String.class)
                .uid("check")
                .setParallelism(2)
                .sinkTo(new DiscardingSink<>())
                .setParallelism(1);
        env.execute();

        ReconcileCheck.Report report = ReconcileCheck.report(job.name);
        assertThat(report.violations).isEmpty();
        assertThat(report.out).hasSize(KEYS);
        assertThat(sum(report.out)).isEqualTo(RECORDS);
        assertThat(sum(report.dead)).isEqualTo(RECORDS / FaultyText.POISON);
        assertThat(faults.failures).hasValueGreaterThan(1);
        System.out.printf(
                "%d texts, %d failures of the job, %d dead letters%n",
                RECORDS, faults.failures.get(), sum(report.dead));
    }

    private static int sum(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }
}
