package org.flinksigmoid.pipelines;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The environment of a job's main, and what our jobs set where nobody has set it. */
public final class JobEnvironment {
    /** How long the barriers of a checkpoint wait behind records before they overtake them. */
    private static final Duration ALIGNED_CHECKPOINT_TIMEOUT = Duration.ofMillis(200);

    private JobEnvironment() {}

    /**
     * The environment of the cluster that runs the main, or a local one. A record that would go
     * through Kryo fails the job here, not under load; so does an operator without a uid, as
     * clusters may demand.
     */
    public static StreamExecutionEnvironment create() {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(
                        new Configuration()
                                .set(PipelineOptions.GENERIC_TYPES, false)
                                .set(PipelineOptions.AUTO_GENERATE_UIDS, false));
        env.configure(promptCheckpoints(env.getConfiguration()));
        return env;
    }

    /**
     * A folder as Flink calls it.
     *
     * @throws IllegalArgumentException if its name has a backslash, which Flink takes for a slash:
     *     files would go to another folder
     */
    public static org.apache.flink.core.fs.Path inFlink(Path folder) {
        URI uri = folder.toUri();
        if (uri.getPath().contains("\\")) {
            throw new IllegalArgumentException(
                    folder + ": expected a folder without \\ in its name, which Flink takes for /");
        }
        return new org.apache.flink.core.fs.Path(uri);
    }

    /** The setting that names a folder of checkpoints: Flink takes no escapes for its letters. */
    public static String checkpointsIn(Path folder) {
        return inFlink(folder).toString();
    }

    /**
     * The setting that names a folder of temporary files: Flink takes a comma, or what separates
     * paths here, for the beginning of another folder.
     *
     * @throws IllegalArgumentException if its name has one
     */
    public static String temporaryIn(Path folder) {
        String name = folder.toString();
        for (String separator : List.of(",", File.pathSeparator)) {
            if (name.contains(separator)) {
                throw new IllegalArgumentException(
                        "%s: expected a folder without %s in its name, at which Flink would cut it"
                                .formatted(name, separator));
            }
        }
        return name;
    }

    /**
     * Barriers that overtake records: a model is slower than its input for as long as there is a
     * backlog, and Flink's buffers before it hold seconds of work, which an aligned checkpoint
     * waits for.
     *
     * @param configured by others; what they say about unaligned checkpoints stands, and several at
     *     a time can't be unaligned
     * @return what is to be added, perhaps nothing
     */
    public static Configuration promptCheckpoints(ReadableConfig configured) {
        Configuration added = new Configuration();
        if (configured.getOptional(CheckpointingOptions.ENABLE_UNALIGNED).isEmpty()
                && configured.get(CheckpointingOptions.MAX_CONCURRENT_CHECKPOINTS) == 1) {
            added.set(CheckpointingOptions.ENABLE_UNALIGNED, true);
            if (configured.getOptional(CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT).isEmpty()) {
                added.set(
                        CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT,
                        ALIGNED_CHECKPOINT_TIMEOUT);
            }
        }
        return added;
    }
}
