package org.flinksigmoid.pipelines.local;

import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.pipelines.JobEnvironment;

/** A whole Flink, JobManager and TaskManager, in this JVM. */
public final class EmbeddedFlink {
    /** What the exchanges of a speech job take between two subtasks. */
    private static final int BUFFERS_OF_A_PAIR = 8;

    /** Of 32 KB, in a Flink inside a JVM. */
    private static final int FLINKS_BUFFERS = 2048;

    /** Where there are more. */
    private static final MemorySize BUFFER = MemorySize.parse("4kb");

    private EmbeddedFlink() {}

    /**
     * An environment whose jobs run in this JVM and fail at the first failure: nobody would restart
     * a command. Types without a serializer of their own are refused, so none falls to Kryo unseen.
     *
     * @param parallelism subtasks of each operator
     * @param checkpointInterval zero: no checkpoints
     */
    public static StreamExecutionEnvironment environment(
            int parallelism, Duration checkpointInterval) {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(
                        parallelism, configuration(parallelism, checkpointInterval));
        env.getConfig().enableObjectReuse();
        return env;
    }

    static Configuration configuration(int parallelism, Duration checkpointInterval) {
        Configuration configuration = new Configuration();
        configuration.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
        configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, parallelism);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        // In one JVM no part misses another: it only takes a pause (Ctrl-Z and fg) for a death.
        configuration.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, Duration.ofHours(1));
        configuration.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofDays(365));
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
        long buffers = (long) BUFFERS_OF_A_PAIR * parallelism * parallelism;
        if (buffers > FLINKS_BUFFERS) { // else there would be too few, and Flink would say so
            MemorySize memory = BUFFER.multiply(buffers);
            configuration.set(TaskManagerOptions.MEMORY_SEGMENT_SIZE, BUFFER);
            configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, memory);
            configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, memory);
        }
        configuration.setString(
                "metrics.reporter.local.factory.class", JobMetrics.Factory.class.getName());
        String temporary = JobEnvironment.temporaryIn(TemporaryFolder.path());
        configuration.set(CoreOptions.TMP_DIRS, temporary);
        configuration.set(WebOptions.TMP_DIR, temporary);
        if (checkpointInterval.isPositive()) {
            configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpointInterval);
            configuration.addAll(JobEnvironment.promptCheckpoints(configuration));
            // Windows in flight outgrow the 5 MB that a checkpoint in memory may take.
            configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
            configuration.set(
                    CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                    JobEnvironment.checkpointsIn(TemporaryFolder.path().resolve("checkpoints")));
        }
        return configuration;
    }
}
