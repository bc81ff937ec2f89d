package org.flinksigmoid.operators.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.plugin.PluginUtils;
import org.apache.flink.runtime.entrypoint.ClusterEntrypoint;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.taskexecutor.TaskExecutorResourceUtils;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A JobManager and a TaskManager as a cluster's processes start them, but in this JVM, where a test
 * sees the card. Flink's GPU driver, a plugin, runs a script to learn which GPUs the TaskManager
 * has (a MiniCluster has no external resources).
 */
final class ExternalGpuCluster implements AutoCloseable {
    private static final String HOST = "localhost";

    private final Path script;
    private final Configuration settings;
    private final ClusterEntrypoint jobManager;
    private TaskManagerRunner taskManager;

    private ExternalGpuCluster(Path script, Configuration settings) {
        this.script = script;
        this.settings = settings;
        this.jobManager = new StandaloneSessionClusterEntrypoint(settings);
    }

    /**
     * Starts the JobManager.
     *
     * @param folder for the script and Flink's files
     */
    static ExternalGpuCluster start(Path folder) throws Exception {
        Path script = folder.resolve("discover.sh");
        Configuration settings = new Configuration();
        settings.setString("external-resources", "gpu");
        settings.setString("external-resource.gpu.amount", "1");
        settings.setString(
                "external-resource.gpu.driver-factory.class",
                "org.apache.flink.externalresource.gpu.GPUDriverFactory");
        settings.setString("external-resource.gpu.param.discovery-script.path", script.toString());
        settings.set(JobManagerOptions.ADDRESS, HOST);
        settings.set(JobManagerOptions.PORT, 0);
        settings.set(JobManagerOptions.BIND_HOST, HOST);
        settings.set(RestOptions.ADDRESS, HOST);
        settings.set(RestOptions.BIND_ADDRESS, HOST);
        settings.set(RestOptions.BIND_PORT, "0");
        settings.set(TaskManagerOptions.HOST, HOST);
        settings.set(TaskManagerOptions.BIND_HOST, HOST);
        settings.set(TaskManagerOptions.NUM_TASK_SLOTS, TextJob.SUBTASKS);
        settings.set(CoreOptions.TMP_DIRS, folder.toString());
        TaskExecutorResourceUtils.adjustForLocalExecution(settings);
        ExternalGpuCluster cluster = new ExternalGpuCluster(script, settings);
        cluster.jobManager.startCluster();
        settings.set(JobManagerOptions.PORT, cluster.jobManager.getRpcPort());
        return cluster;
    }

    /** A new TaskManager, in the last one's place, for which the script prints {@code indices}. */
    void taskManagerWith(String indices) throws Exception {
        stopTaskManager();
        Files.writeString(script, "#!/bin/sh\necho " + indices + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        taskManager =
                new TaskManagerRunner(
                        settings,
                        PluginUtils.createPluginManagerFromRootFolder(settings),
                        TaskManagerRunner::createTaskExecutorService);
        taskManager.start();
    }

    /** Where jobs for this cluster are made. */
    StreamExecutionEnvironment environment() {
        return StreamExecutionEnvironment.createRemoteEnvironment(
                HOST, jobManager.getRestPort(), TextJob.settings());
    }

    private void stopTaskManager() throws Exception {
        if (taskManager != null) {
            taskManager.close();
            taskManager = null;
        }
    }

    @Override
    public void close() throws Exception {
        stopTaskManager();
        jobManager.closeAsync().get();
    }
}
