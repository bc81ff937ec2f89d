package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.operators.inference.ScriptedFunction.Script;
import org.flinksigmoid.operators.inference.SequenceCheck.Report;
import org.flinksigmoid.operators.types.Score;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MicroBatchInferenceITCase {
    /** A savepoint that version 0.1 took with records in flight; see {@link SavepointFixture}. */
    private static final Path SAVEPOINT_V1 = Path.of("src/test/resources/state/micro-batch-v1");

    private static final InMemoryReporter REPORTER = InMemoryReporter.createWithRetainedMetrics();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setConfiguration(clusterConfiguration())
                            .setNumberTaskManagers(2)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    @TempDir private Path folder;

    private static Configuration clusterConfiguration() {
        Configuration configuration = new Configuration();
        REPORTER.addToConfiguration(configuration);
        // little memory and few buffers: back-pressure reaches the source soon
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(16));
        configuration.set(TaskManagerOptions.MEMORY_SEGMENT_SIZE, MemorySize.parse("4kb"));
        return configuration;
    }

    @ParameterizedTest
    @CsvSource({"hashmap, false", "rocksdb, true"})
    void failuresNeitherLoseNorDoubleNorReorder(String backend, boolean unaligned)
            throws Exception {
        InferenceJob job = new InferenceJob("failures-" + backend, 200, 10_000).on(backend);
        job.configuration.set(CheckpointingOptions.ENABLE_UNALIGNED, unaligned);
        job.inference.retry(RetryPolicy.never());
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger();
        ScriptedFunction.script(job.name).fault =
                batch -> {
                    Thread.sleep(2);
                    // 10,000 records in full batches of 16 are 625 calls, enough for five failures
                    if (calls.incrementAndGet() % 120 == 0 && failures.get() < 5) {
                        failures.incrementAndGet();
                        throw new IOException("injected");
                    }
                };
        job.build(2).execute();
        job.assertExactlyOnceInOrder();
        assertThat(failures).hasValue(5);
        Script script = ScriptedFunction.script(job.name);
        assertThat(script.closed).hasValue(script.opened.get());
    }

    @ParameterizedTest
    @CsvSource({"hashmap, false", "rocksdb, true"})
    void fiveThousandRecordsInFlightSurviveOneThenFourThenTwoSubtasks(
            String backend, boolean unaligned) throws Exception {
        InferenceJob job = new InferenceJob("rescale-" + backend, 50, 30_000).on(backend);
        job.configuration.set(CheckpointingOptions.ENABLE_UNALIGNED, unaligned);
        // a failure here would be one of ours: no restart may hide it
        job.configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        job.inference.name("rescaled").maxInFlight(5200);
        Script script = ScriptedFunction.script(job.name);
        script.fault = batch -> Thread.sleep(15);
        Report report = SequenceCheck.report(job.name);
        int before = 0;
        for (int parallelism : new int[] {1, 4}) {
            before = report.passed.size();
            int started = before;
            JobClient client = job.build(parallelism).executeAsync();
            waitUntil(() -> report.passed.size() > started + 500);
            script.closedGate(); // or a slow source would never be so far ahead
            waitUntil(() -> inFlight(client.getJobID()) >= 5000);
            script.gate.release(1 << 20);
            String savepoint =
                    parallelism == 1
                            ? cancelWithSavepoint(client)
                            : stopWithSavepoint(client, false);
            job.configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
            job.inference.maxInFlight(2000); // by subtask, so that some records are left over
        }
        script.fault = batch -> {};
        job.build(2).execute();
        job.assertExactlyOnceInOrder();
        assertThat(new HashSet<>(report.passed)).hasSize(30_000);
        // since the job that was stopped, not cancelled
        assertThat(report.passed.subList(before, report.passed.size())).doesNotHaveDuplicates();
    }

    /** {@code flink stop --drain}, which the README asks for where state can't go on. */
    @Test
    void aDrainedJobHasSentWhatWasInFlightAndItsSourceGoesOn() throws Exception {
        InferenceJob job = new InferenceJob("drained", 50, 20_000);
        job.configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        Script script = ScriptedFunction.script(job.name);
        script.fault = batch -> Thread.sleep(10);
        Report report = SequenceCheck.report(job.name);
        JobClient client = job.build(2).executeAsync();
        // more than one subtask's share and the buffers of the other: both are running
        waitUntil(() -> report.passed.size() > 3000);
        String savepoint = stopWithSavepoint(client, true);
        assertThat(report.passed).hasSizeLessThan(20_000);

        // without the operator's state, which a change of it may need
        job.configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        job.configuration.set(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE, true);
        job.inference.uid("changed");
        script.fault = batch -> {};
        job.build(3).execute();
        assertThat(report.violations).isEmpty();
        assertThat(report.passed).hasSize(20_000).doesNotHaveDuplicates();
    }

    /** Records inside the operator, all subtasks together. */
    private static long inFlight(JobID job) {
        return REPORTER.findMetrics(job, "rescaled.*inference.recordsInFlight").values().stream()
                .mapToLong(metric -> (Long) ((Gauge<?>) metric).getValue())
                .sum();
    }

    private String cancelWithSavepoint(JobClient client) throws Exception {
        AtomicReference<String> savepoint = new AtomicReference<>();
        waitUntil(() -> triggerSavepoint(client, savepoint));
        // what passed between the savepoint and here is taken back, as after a failure
        client.cancel().get(2, TimeUnit.MINUTES);
        waitUntil(() -> client.getJobStatus().join().isGloballyTerminalState());
        return savepoint.get();
    }

    private String stopWithSavepoint(JobClient client, boolean drain) throws Exception {
        String savepoint =
                client.stopWithSavepoint(
                                drain, folder.toUri().toString(), SavepointFormatType.NATIVE)
                        .get(2, TimeUnit.MINUTES);
        waitUntil(() -> client.getJobStatus().join().isGloballyTerminalState());
        return savepoint;
    }

    /** On a busy machine some subtasks pass records before others are running. */
    private boolean triggerSavepoint(JobClient client, AtomicReference<String> savepoint)
            throws Exception {
        try {
            savepoint.set(
                    client.triggerSavepoint(
                                    folder.toUri().toString(), SavepointFormatType.CANONICAL)
                            .get(2, TimeUnit.MINUTES));
            return true;
        } catch (ExecutionException e) {
            assertThat(e).hasStackTraceContaining("Not all required tasks are currently running");
            return false;
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void waitUntil(Condition condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("gave up waiting").isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    @Test
    void withALatencyTargetRecordsWaitForFewOthersAsTheHistogramsShow() throws Exception {
        InferenceJob job = new InferenceJob("latency", 50, 60_000);
        job.configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofHours(1));
        // these limits alone would let a record wait for 8,000 others, 0.8 s on any machine
        job.inference
                .name("adaptive")
                .maxBatchSize(1000)
                .maxInFlight(8000)
                .latencyTarget(Duration.ofMillis(60));
        ScriptedFunction.script(job.name).fault =
                batch -> Thread.sleep(Duration.ofNanos(2_000_000 + batch.size() * 100_000L));
        JobID id = job.build(1).execute().getJobID();
        job.assertExactlyOnceInOrder();
        assertThat(histogram(id, "recordLatencyMs").getQuantile(0.5)).isBetween(4.0, 400.0);
        assertThat(histogram(id, "batchSize").getMax()).isBetween(9L, 500L); // from 8 on
    }

    private static HistogramStatistics histogram(JobID job, String name) {
        return ((Histogram)
                        REPORTER.findMetrics(job, "adaptive.*inference." + name + "$")
                                .values()
                                .iterator()
                                .next())
                .getStatistics();
    }

    @Test
    void aSavepointOfVersionOneIsRestored() throws Exception {
        InferenceJob job = SavepointFixture.job("savepoint-v1");
        job.configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, SAVEPOINT_V1.toUri().toString());
        job.build(3).execute();
        job.assertExactlyOnceInOrder();
        // the records before the savepoint were scored then, those in flight are scored now
        Report report = SequenceCheck.report(job.name);
        assertThat(report.passed).hasSize((int) job.records - SavepointFixture.SCORED_BEFORE);
    }

    @Test
    void metricsReconcileUnderTheirDocumentedNames() throws Exception {
        InferenceJob job = new InferenceJob("metrics", 1, 500);
        job.inference.name("metered").onFailure(FailurePolicy.SKIP);
        ScriptedFunction.script(job.name).fault =
                batch -> {
                    if (batch.getLast().id().equals("499")) {
                        throw new InvalidRecordException(batch.size() - 1, "the last one");
                    }
                };
        String other = job.name + ", shadow";
        ScriptedFunction.script(other).fault =
                batch -> {
                    if (batch.stream().anyMatch(message -> message.id().equals("250"))) {
                        throw new IllegalStateException("not this one");
                    }
                };
        job.inference.shadow(
                new ScriptedFunction(other),
                1,
                new OutputTag<>("shadow", TypeInformation.of(Score.class)));
        JobID id = job.build(1).execute().getJobID();
        assertThat(counter(id, "recordsAccepted")).isEqualTo(500);
        assertThat(counter(id, "totalRecordsProcessed")).isEqualTo(499);
        assertThat(counter(id, "recordsSkipped")).isEqualTo(1);
        long shadowFailures = counter(id, "shadowFailures");
        assertThat(shadowFailures).isBetween(1L, 16L);
        assertThat(counter(id, "shadowRecords") + shadowFailures + counter(id, "shadowDropped"))
                .isEqualTo(499);
        for (String metric :
                List.of(
                        "deadLetters",
                        "totalBatchesProcessed",
                        "asyncCallFailures",
                        "batchRetryCount",
                        "batchTimeoutCount",
                        "batchBisectionCount",
                        "batchSize",
                        "batchTokens",
                        "batchLatencyMs",
                        "queueWaitMs",
                        "asyncCallDurationMs",
                        "recordLatencyMs",
                        "recordsInFlight",
                        "recordsWaiting",
                        "inflightBatches",
                        "second.modelVersion",
                        "second.modelsLoaded",
                        "second.breakerState",
                        "modelVersion",
                        "modelVersionNumber",
                        "modelsLoaded",
                        "modelBytes",
                        "modelDeviceBytes",
                        "modelLoadMs",
                        "modelSwaps",
                        "modelRefusals",
                        "breakerState",
                        "breakerOpenings",
                        "breakerFallbackCalls")) {
            assertThat(REPORTER.findMetrics(id, "metered.*inference." + metric + "$")).hasSize(1);
        }
    }

    private static long counter(JobID id, String name) {
        return ((Counter)
                        REPORTER.findMetrics(id, "metered.*inference." + name)
                                .values()
                                .iterator()
                                .next())
                .getCount();
    }
}
