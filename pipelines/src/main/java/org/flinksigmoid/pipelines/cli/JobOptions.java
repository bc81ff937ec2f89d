package org.flinksigmoid.pipelines.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.checkpoint.CheckpointFailureManager;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ExceptionUtils;
import org.flinksigmoid.pipelines.WholeNumber;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;
import org.flinksigmoid.pipelines.local.TemporaryFolder;
import org.flinksigmoid.pipelines.source.InputSource;
import picocli.CommandLine.Option;

/** How a job runs inside this process, and where its results go. */
final class JobOptions {
    /** Files of results appear with checkpoints. */
    private static final Duration CHECKPOINTS_FOR_FILES = Duration.ofSeconds(5);

    /** The same once the input has ended. */
    private static final Duration CHECKPOINTS_AT_THE_END = Duration.ofMillis(500);

    /** Between checkpoints Flink remembers every stream that a source has handed out. */
    private static final Duration CHECKPOINTS = Duration.ofSeconds(30);

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description =
                    "Write results exactly once to files of JSON Lines below DIR, not to standard"
                            + " output. A file is complete after 5 seconds, or at the end.")
    private Path output;

    @Option(names = "--json", description = "Print results as JSON Lines.")
    private boolean json;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "1",
            converter = WholeNumber.Parallel.class,
            description = "Subtasks of each operator, 1 to 128. Default: ${DEFAULT-VALUE}.")
    private int parallelism;

    @Option(
            names = "--run-for",
            paramLabel = "SECONDS",
            converter = WholeNumber.Positive.class,
            description =
                    "Read input for that time, then end with what has been read. Default: to the"
                            + " end of the input.")
    private Integer seconds;

    @Option(
            names = "--memory",
            description =
                    "Report the heap after a full collection and the process's resident memory,"
                            + " every minute, on standard error.")
    private boolean memory;

    JobOptions() {}

    Optional<Path> output() {
        return Optional.ofNullable(output);
    }

    boolean json() {
        return json;
    }

    /**
     * An embedded Flink. At the end of the input only files of results need one more checkpoint.
     * Flink makes it at once, but it fails where a task just ends by the one before, and then
     * everything waits for the next, which comes soon.
     */
    StreamExecutionEnvironment environment() {
        if (output == null) {
            StreamExecutionEnvironment env = EmbeddedFlink.environment(parallelism, CHECKPOINTS);
            return with(env, CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH, false);
        }
        StreamExecutionEnvironment env =
                EmbeddedFlink.environment(parallelism, CHECKPOINTS_AT_THE_END);
        // As our sources call all input.
        return with(
                env,
                CheckpointingOptions.CHECKPOINTING_INTERVAL_DURING_BACKLOG,
                CHECKPOINTS_FOR_FILES);
    }

    private static <T> StreamExecutionEnvironment with(
            StreamExecutionEnvironment env, ConfigOption<T> option, T value) {
        env.configure(new Configuration().set(option, value));
        return env;
    }

    /** How long input is read. */
    Duration limit() {
        return seconds == null ? InputSource.Options.NO_LIMIT : Duration.ofSeconds(seconds);
    }

    /**
     * Runs the job to its end, or that of its input where a signal ends it.
     *
     * @return the exit code that tells of the signal, or 0
     */
    int run(StreamExecutionEnvironment env, String name, PrintWriter err) throws Exception {
        JobClient client = env.executeAsync("flink-sigmoid " + name);
        try (MemoryReport _ =
                        memory
                                ? MemoryReport.start(err, Duration.ofMinutes(1))
                                : MemoryReport.NONE;
                GracefulEnd end = GracefulEnd.onSignals(err)) {
            client.getJobExecutionResult().get();
            return end.exitCode();
        } catch (ExecutionException e) {
            throw named(e.getCause() instanceof Exception cause ? cause : e);
        }
    }

    /** Where checkpoints can't be written, Flink says neither why nor where. */
    static Exception named(Exception failure) {
        boolean checkpoints =
                ExceptionUtils.findThrowableWithMessage(
                                failure,
                                CheckpointFailureManager
                                        .EXCEEDED_CHECKPOINT_TOLERABLE_FAILURE_MESSAGE)
                        .isPresent();
        return checkpoints
                ? new IOException(
                        "%s: expected to write checkpoints there, found that it fails: make room,"
                                        .formatted(TemporaryFolder.path())
                                + " or see with --verbose what is wrong",
                        failure)
                : failure;
    }
}
