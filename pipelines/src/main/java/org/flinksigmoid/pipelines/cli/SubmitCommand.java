package org.flinksigmoid.pipelines.cli;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.flinksigmoid.pipelines.InputName;
import org.flinksigmoid.pipelines.JobArguments;
import org.flinksigmoid.pipelines.WholeNumber;
import org.flinksigmoid.pipelines.asr.AsrJob;
import org.flinksigmoid.pipelines.cluster.Savepoint;
import org.flinksigmoid.pipelines.cluster.Submission;
import org.flinksigmoid.pipelines.scoring.ScoringJob;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flink-sigmoid cluster submit}: hands a job to a cluster and leaves it there. */
@Command(
        name = "submit",
        description = "Submit a job to a Flink cluster and return; the job runs on.",
        footer = {
            "",
            "  flink-sigmoid cluster submit asr --model DIR --output out/ recordings/",
            "  flink-sigmoid cluster submit --parallelism 4 score --help",
            "  flink-sigmoid cluster submit --from-savepoint DIR/.../chk-7 asr ..."
        })
final class SubmitCommand implements Callable<Integer> {
    /** The mains. */
    enum Job {
        ASR(AsrJob.class, AsrJob::commandLine),
        SCORE(ScoringJob.class, ScoringJob::commandLine);

        private final Class<?> main;
        private final Supplier<CommandLine> commandLine;

        Job(Class<?> main, Supplier<CommandLine> commandLine) {
            this.main = main;
            this.commandLine = commandLine;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin private LoggingOptions logging;
    @Spec private CommandSpec spec;

    @Option(
            names = "--to",
            paramLabel = "URL",
            defaultValue = "http://localhost:8081",
            description = "The JobManager's REST address. Default: ${DEFAULT-VALUE}.")
    private URI cluster;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "1",
            converter = WholeNumber.Positive.class,
            description = "Subtasks of each operator. Default: ${DEFAULT-VALUE}.")
    private int parallelism;

    @Option(
            names = "--checkpoint-seconds",
            paramLabel = "N",
            defaultValue = "10",
            converter = WholeNumber.Positive.class,
            description =
                    "From one checkpoint to the next, which completes files of results. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int checkpointSeconds;

    @Option(
            names = "--from-savepoint",
            paramLabel = "PATH",
            converter = InputName.class,
            description =
                    "Go on from a savepoint of such a job, or from the last checkpoint of one that"
                            + " did not end by itself: DIR/checkpoints/JOB-ID/chk-N in the"
                            + " cluster's folder. Its input is read on where it stood; input named"
                            + " now that it doesn't know is not read.")
    private String savepoint;

    @Option(
            names = "--allow-non-restored-state",
            description =
                    "With --from-savepoint: leave out state of operators that the job doesn't"
                            + " have, as without --sessions.")
    private boolean partly;

    @Parameters(index = "0", paramLabel = "JOB", description = "${COMPLETION-CANDIDATES}.")
    private Job job;

    @Parameters(
            index = "1..*",
            paramLabel = "ARGUMENT",
            description = "The job's own arguments; --help among them lists them.")
    private List<String> arguments = List.of();

    SubmitCommand() {}

    @Override
    public Integer call() throws Exception {
        if (!"http".equals(cluster.getScheme())
                || cluster.getHost() == null
                || cluster.getPort() < 0) {
            throw new ParameterException(
                    spec.commandLine(), "--to: expected http://HOST:PORT, found " + cluster);
        }
        Integer helped = readArguments();
        if (helped != null) {
            return helped;
        }
        if (partly && savepoint == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--allow-non-restored-state: expected --from-savepoint, too");
        }
        Optional<Savepoint> from =
                savepoint == null ? Optional.empty() : Optional.of(Savepoint.of(savepoint, partly));
        Configuration settings = new Configuration();
        settings.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
        settings.set(
                CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(checkpointSeconds));
        // To go on from where the job fails for good, is cancelled, or the cluster ends.
        settings.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        return Submission.submit(cluster, job.main, settings, from, arguments);
    }

    /**
     * Reads the job's arguments as its main will, so that wrong usage needs no cluster to be found.
     *
     * @return the exit code if they ask for help, which is then printed, or null
     * @throws ParameterException on wrong usage
     */
    private Integer readArguments() {
        CommandLine line = job.commandLine.get().setOut(spec.commandLine().getOut());
        try {
            CommandLine.ParseResult result = line.parseArgs(arguments.toArray(String[]::new));
            Integer helped = CommandLine.executeHelpRequest(result);
            if (helped == null) {
                JobArguments.requireNoStandardInput(result);
            }
            return helped;
        } catch (ParameterException e) {
            throw new ParameterException(
                    spec.commandLine(), "%s: %s".formatted(job, e.getMessage()), e);
        }
    }
}
