package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Flink's own buffers, full of records for a slow model. */
class CheckpointsUnderLoadITCase {
    private static final Duration CALL = Duration.ofSeconds(3);
    private static final int CHECKPOINTS = 4;

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    @Test
    void barriersPassAFullOperatorWithinASecondThoughACallTakesThree(
            @InjectMiniCluster MiniCluster cluster) throws Exception {
        InferenceJob job = new InferenceJob("under-load", 50, 1_000_000);
        job.configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(300));
        job.configuration.set(CheckpointingOptions.ENABLE_UNALIGNED, true);
        job.configuration.set(
                CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT, Duration.ofMillis(200));
        ScriptedFunction.script(job.name).fault = batch -> Thread.sleep(CALL);
        job.inference.maxInFlight(64);
        StreamExecutionEnvironment env = job.environment();
        // two channels, so that there is something to align
        job.check(job.inference.apply(job.messages(env, 2).keyBy(TextMessage::key)));
        JobClient client = env.executeAsync();
        try {
            List<AbstractCheckpointStats> underLoad =
                    behindTheFirstCall(cluster, client.getJobID());
            for (AbstractCheckpointStats checkpoint : underLoad) {
                assertThat(checkpoint.getEndToEndDuration()).isLessThan(CALL.toMillis());
                for (var task : checkpoint.getAllTaskStateStats()) {
                    assertThat(task.getSummaryStats().getAlignmentDurationStats().getMaximum())
                            .isLessThan(1000);
                }
            }
        } finally {
            client.cancel().get(30, TimeUnit.SECONDS);
        }
    }

    /** Completed checkpoints that began when the operator had been full for a while. */
    private static List<AbstractCheckpointStats> behindTheFirstCall(MiniCluster cluster, JobID job)
            throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        List<AbstractCheckpointStats> found = List.of();
        while (found.size() < CHECKPOINTS) {
            assertThat(System.nanoTime()).as("%s are complete", found).isLessThan(end);
            Thread.sleep(100);
            List<AbstractCheckpointStats> all =
                    cluster.getExecutionGraph(job)
                            .get(30, TimeUnit.SECONDS)
                            .getCheckpointStatsSnapshot()
                            .getHistory()
                            .getCheckpoints();
            long full =
                    all.stream()
                                    .mapToLong(AbstractCheckpointStats::getTriggerTimestamp)
                                    .min()
                                    .orElse(0)
                            + 1000;
            found =
                    all.stream()
                            .filter(one -> one.getStatus() == CheckpointStatsStatus.COMPLETED)
                            .filter(one -> one.getTriggerTimestamp() > full)
                            .toList();
        }
        return found;
    }
}
