package org.flinksigmoid.pipelines.cluster;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.flinksigmoid.pipelines.JobEnvironment;

/**
 * What every process of a cluster reads: the file {@code config.yaml}.
 *
 * @param values by Flink's keys
 */
record ClusterConfiguration(Map<String, String> values) {
    /**
     * What a cluster on this machine needs, under what its user sets.
     *
     * @param temporary folder of temporary files
     * @throws IOException if there is no free port
     */
    static ClusterConfiguration of(ClusterOptions options, Path temporary) throws IOException {
        Map<String, String> values = new TreeMap<>();
        values.put("jobmanager.rpc.address", "localhost");
        values.put("jobmanager.rpc.port", Integer.toString(FreePort.find()));
        // Nobody from elsewhere: whoever reaches these ports can run code.
        values.put("jobmanager.bind-host", "localhost");
        values.put("taskmanager.bind-host", "localhost");
        values.put("rest.address", "localhost");
        values.put("rest.bind-address", "localhost");
        values.put("rest.port", Integer.toString(options.restPort()));
        values.put("taskmanager.host", "localhost");
        values.put("taskmanager.numberOfTaskSlots", Integer.toString(options.slots()));
        // A job's subtasks on all TaskManagers, not on the first that has room.
        values.put("taskmanager.load-balance.mode", "SLOTS");
        // A dead TaskManager is noticed in seconds (two heartbeats that reach nobody), a slow one
        // in half a minute; tasks run on from the last checkpoint.
        values.put("heartbeat.interval", "1s");
        values.put("heartbeat.timeout", "30s");
        // Starting takes its time on a busy machine.
        values.put("pekko.startup-timeout", "120s");
        values.put("pekko.ask.timeout", "60s");
        // A fault that passes is over at once; one that stays, such as a full disk, costs a
        // restart a minute, for ever.
        values.put("restart-strategy.type", "exponential-delay");
        values.put("restart-strategy.exponential-delay.initial-backoff", "500ms");
        values.put("restart-strategy.exponential-delay.backoff-multiplier", "2.0");
        values.put("restart-strategy.exponential-delay.max-backoff", "1min");
        values.put("restart-strategy.exponential-delay.reset-backoff-threshold", "1min");
        values.put("execution.checkpointing.storage", "filesystem");
        values.put(
                "execution.checkpointing.dir",
                JobEnvironment.checkpointsIn(options.folder().resolve("checkpoints")));
        values.put("io.tmp.dirs", temporary.toString());
        values.put("web.tmpdir", temporary.resolve(ClusterProcess.JOB_MANAGER).toString());
        values.putAll(options.settings());
        return new ClusterConfiguration(values);
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, values.entrySet().stream().map(ClusterConfiguration::line).toList());
    }

    /** A line of YAML; a string is written there as in JSON. */
    static String line(Map.Entry<String, String> entry) {
        return entry.getKey() + ": " + TextNode.valueOf(entry.getValue());
    }
}
