package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.flinksigmoid.operators.inference.ScriptedFunction.Script;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Flink's own buffers, full of records for a model that answers slowly or not at all. */
class CheckpointsUnderLoadITCase {
    private static final int SUBTASKS = 2;

    /** Half as many come in beyond it, one each 0.1 s: so long may a test without answers take. */
    private static final int MAX_IN_FLIGHT = 3000;

    /** A slow model lets some out before as many come in. */
    private static final int NEARLY_FULL = MAX_IN_FLIGHT - 100;

    /** Fewest of a record in flight. */
    private static final int BYTES = 20;

    private static final InMemoryReporter REPORTER = InMemoryReporter.createWithRetainedMetrics();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setConfiguration(REPORTER.addToConfiguration(new Configuration()))
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(SUBTASKS)
                            .build());

    @Test
    void barriersPassAFullOperatorThoughNoCallEnds(@InjectMiniCluster MiniCluster cluster)
            throws Exception {
        InferenceJob job = new InferenceJob("under-load", 50, 1_000_000);
        job.configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(300));
        job.configuration.set(CheckpointingOptions.ENABLE_UNALIGNED, true);
        job.configuration.set(
                CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT, Duration.ofMillis(200));
        Script script = ScriptedFunction.script(job.name).closedGate();
        awaitCheckpoints(job, cluster, 4, 0);
        assertThat(script.batches).as("one call of each subtask, still out").hasSize(SUBTASKS);
        assertThat(SequenceCheck.report(job.name).passed).isEmpty();
    }

    @Test
    void alignedBarriersLeaveTheRecordsInFlightWhereTheyAre(@InjectMiniCluster MiniCluster cluster)
            throws Exception {
        InferenceJob job = new InferenceJob("aligned", 50, 1_000_000);
        job.configuration.set(CheckpointingOptions.ENABLE_UNALIGNED, false);
        ScriptedFunction.script(job.name).fault = batch -> Thread.sleep(4);
        awaitCheckpoints(job, cluster, 1, (long) NEARLY_FULL * BYTES);
    }

    /** Runs a job until so many checkpoints of so many bytes have passed a full subtask. */
    private static void awaitCheckpoints(
            InferenceJob job, MiniCluster cluster, int checkpoints, long bytes) throws Exception {
        job.inference.name("full").maxInFlight(MAX_IN_FLIGHT);
        StreamExecutionEnvironment env = job.environment();
        // two channels, so that there is something to align
        job.check(
                job.inference
                        .apply(job.messages(env, 2).keyBy(TextMessage::key))
                        .setParallelism(SUBTASKS));
        JobClient client = env.executeAsync();
        try {
            await(() -> mostInFlight(client.getJobID()), NEARLY_FULL);
            long full = System.currentTimeMillis();
            await(
                    () ->
                            completed(cluster, client.getJobID()).stream()
                                    .filter(one -> one.getTriggerTimestamp() > full)
                                    .filter(one -> one.getStateSize() >= bytes)
                                    .count(),
                    checkpoints);
        } finally {
            client.cancel().get(2, TimeUnit.MINUTES);
        }
    }

    /** Of the subtasks: keys are not spread so evenly that all could be full at once. */
    private static long mostInFlight(JobID job) {
        return REPORTER.findMetrics(job, "full.*inference.recordsInFlight").values().stream()
                .mapToLong(metric -> (Long) ((Gauge<?>) metric).getValue())
                .max()
                .orElse(0);
    }

    private static List<AbstractCheckpointStats> completed(MiniCluster cluster, JobID job)
            throws Exception {
        return cluster
                .getExecutionGraph(job)
                .get(2, TimeUnit.MINUTES)
                .getCheckpointStatsSnapshot()
                .getHistory()
                .getCheckpoints()
                .stream()
                .filter(one -> one.getStatus() == CheckpointStatsStatus.COMPLETED)
                .toList();
    }

    private interface Count {
        long now() throws Exception;
    }

    private static void await(Count count, long wanted) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        for (long found = count.now(); found < wanted; found = count.now()) {
            assertThat(System.nanoTime()).as("%d of %d", found, wanted).isLessThan(end);
            Thread.sleep(100);
        }
    }
}
