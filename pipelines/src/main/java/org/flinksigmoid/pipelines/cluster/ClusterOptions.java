package org.flinksigmoid.pipelines.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.SecurityOptions;
import org.apache.flink.configuration.TaskManagerOptions;

/**
 * How a cluster is laid out.
 *
 * @param taskManagers processes that run tasks, at least one
 * @param slots of each of them, at least one
 * @param restPort where the JobManager takes jobs and answers about them
 * @param folder of configuration, logs and checkpoints
 * @param jvmFlags of every process, such as an {@code @file}
 * @param classPath of every process: Flink, this project and its libraries
 * @param settings Flink's own configuration, on top of what a cluster here needs
 */
public record ClusterOptions(
        int taskManagers,
        int slots,
        int restPort,
        Path folder,
        List<String> jvmFlags,
        String classPath,
        Map<String, String> settings) {
    /** The option of the command line for settings that have one, by Flink's key. */
    private static final Map<String, String> OPTIONS =
            Map.of(
                    RestOptions.PORT.key(),
                    "--port",
                    RestOptions.BIND_PORT.key(),
                    "--port",
                    TaskManagerOptions.NUM_TASK_SLOTS.key(),
                    "--slots");

    private static final String ALL_ADDRESSES = "0.0.0.0";

    /** Checks the numbers, and that settings say nothing else. */
    public ClusterOptions {
        atLeastOne("task managers", taskManagers);
        atLeastOne("slots", slots);
        if (restPort < 1 || restPort > 65535) {
            throw new IllegalArgumentException("port: expected 1 to 65535, found " + restPort);
        }
        for (String key : settings.keySet()) {
            if (OPTIONS.containsKey(key)) {
                throw new IllegalArgumentException(
                        "-D%s: expected %s in its place".formatted(key, OPTIONS.get(key)));
            }
        }
        if (Boolean.parseBoolean(settings.get(SecurityOptions.SSL_REST_ENABLED.key()))) {
            throw new IllegalArgumentException(
                    "-D%s: expected false, found true: this command speaks HTTP with its cluster"
                            .formatted(SecurityOptions.SSL_REST_ENABLED.key()));
        }
        folder = folder.toAbsolutePath();
        jvmFlags = List.copyOf(jvmFlags);
        settings = Map.copyOf(settings);
    }

    /** Of the JobManager: localhost, unless it is to answer at one other address only. */
    String restHost() {
        String bound = settings.getOrDefault(RestOptions.BIND_ADDRESS.key(), ALL_ADDRESSES);
        if (bound.equals(ALL_ADDRESSES)) {
            return "localhost";
        }
        return bound.contains(":") ? "[" + bound + "]" : bound;
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": expected >= 1, found " + value);
        }
    }
}
