package org.flinksigmoid.pipelines;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.pipelines.source.LiveInput;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** What every job's main is told: the checkpoint, what runs it, and where results go. */
public final class JobArguments {
    @Option(
            names = "--model",
            paramLabel = "DIR",
            required = true,
            description = "Folder of the checkpoint, readable on every TaskManager.")
    private Path model;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "auto, scalar, vector or tornado. Default: ${DEFAULT-VALUE}.")
    private String backend;

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            defaultValue = "float",
            description =
                    "What matrices are kept in: ${COMPLETION-CANDIDATES}. Default:"
                            + " ${DEFAULT-VALUE}.")
    private WeightFormat weights;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            required = true,
            description =
                    "Where folders of results and problems are written; needs checkpoints to"
                            + " complete files before the job ends.")
    private Path output;

    JobArguments() {}

    /** The checkpoint's folder. */
    public Path model() {
        return model.toAbsolutePath();
    }

    /** What runs it. */
    public ModelOptions engine() {
        return ModelOptions.defaults().withBackend(backend).withWeights(weights);
    }

    /** A folder of results. */
    public Path output(String name) {
        return output.resolve(name);
    }

    /** What reads a job's arguments. */
    public static CommandLine commandLine(Callable<Integer> job) {
        return new CommandLine(job)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false)
                .registerConverter(Path.class, InputName::path)
                .setExecutionStrategy(JobArguments::run);
    }

    private static int run(ParseResult result) {
        if (!result.isUsageHelpRequested() && !result.isVersionHelpRequested()) {
            requireNoStandardInput(result);
        }
        return new CommandLine.RunLast().execute(result);
    }

    /**
     * A TaskManager's says nothing: the job would wait for it for ever.
     *
     * @throws ParameterException if the job is to read it
     */
    public static void requireNoStandardInput(ParseResult result) {
        for (CommandLine.Model.PositionalParamSpec inputs : result.matchedPositionals()) {
            if (inputs.stringValues().contains(LiveInput.STANDARD_INPUT)) {
                throw new ParameterException(
                        result.commandSpec().commandLine(),
                        inputs.paramLabel()
                                + ": expected files or tcp://HOST:PORT, found -: a job on a cluster"
                                + " has no standard input");
            }
        }
    }

    /**
     * What a job's {@code main} does: reads the arguments and submits the job to the cluster that
     * runs this, or runs it here.
     *
     * @throws ProgramParametrizationException if it was not submitted, with the reason: Flink's
     *     client shows it without a stack trace, and exiting the JVM would take a session cluster
     *     down
     */
    public static void submit(Callable<Integer> job, String[] arguments) {
        String name = job.getClass().getSimpleName() + ": not submitted";
        var refusal = new ProgramParametrizationException[1];
        CommandLine line = commandLine(job);
        line.setExecutionExceptionHandler(
                (error, _, _) -> {
                    String reason = name + ": " + Failures.describe(error);
                    refusal[0] = new ProgramParametrizationException(reason);
                    refusal[0].initCause(error);
                    return CommandLine.ExitCode.SOFTWARE;
                });
        int code = line.execute(arguments);
        if (refusal[0] != null) {
            throw refusal[0];
        }
        if (code != CommandLine.ExitCode.OK) {
            throw new ProgramParametrizationException(name + ", see the message above");
        }
    }
}
