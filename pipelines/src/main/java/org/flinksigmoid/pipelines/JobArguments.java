package org.flinksigmoid.pipelines;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.model.ModelOptions;
import picocli.CommandLine;
import picocli.CommandLine.Option;

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

    /**
     * What a job's {@code main} does: reads the arguments and submits the job to the cluster that
     * runs this, or runs it here.
     *
     * @throws IllegalArgumentException if it was not submitted; the reason has been printed
     */
    public static void submit(Callable<Integer> job, String[] arguments) {
        int code =
                new CommandLine(job).setCaseInsensitiveEnumValuesAllowed(true).execute(arguments);
        if (code != 0) {
            // A client shows this; exiting the JVM would take a session cluster down.
            throw new IllegalArgumentException(
                    job.getClass().getSimpleName() + ": not submitted, see the message above");
        }
    }
}
