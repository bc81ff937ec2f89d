package org.flinksigmoid.pipelines.cli;

import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.model.BackendName;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.pipelines.WholeNumber;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every command takes that runs a model. */
final class EngineOptions {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "Runs the model: ${COMPLETION-CANDIDATES}; auto takes the best one available,"
                            + " every other choice fails where it can't run. Default:"
                            + " ${DEFAULT-VALUE}.")
    private BackendName backend;

    @Mixin private ThreadsOption threads;

    @Option(
            names = "--device",
            paramLabel = "N",
            defaultValue = "0",
            converter = WholeNumber.Index.class,
            description = "Index of the GPU. Default: ${DEFAULT-VALUE}.")
    private int device;

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            defaultValue = "float",
            description =
                    "What the model's matrices are kept in: ${COMPLETION-CANDIDATES}; the narrow"
                            + " ones are for the CPU and save memory, not time. Default:"
                            + " ${DEFAULT-VALUE}.")
    private WeightFormat weights;

    EngineOptions() {}

    /** As models take them. */
    ModelOptions toModelOptions() {
        return new ModelOptions(backend.toString(), threads.count(), device, weights);
    }

    /**
     * The same for a measurement of one thread.
     *
     * @param command the measurement's
     * @throws CommandLine.ParameterException if more were asked for
     */
    ModelOptions withOneThread(CommandLine.Model.CommandSpec command) {
        if (threads.isGiven() && threads.count() != 1) {
            throw new CommandLine.ParameterException(
                    command.commandLine(),
                    "--threads: expected 1, as bench %s measures one thread, found %d"
                            .formatted(command.name(), threads.count()));
        }
        return toModelOptions().withThreads(1);
    }

    /**
     * The backend that this means here, with the reason.
     *
     * @throws IllegalStateException if the one asked for can't run here
     */
    Backends.Selection select() {
        return Backends.select(backend.toString());
    }
}
