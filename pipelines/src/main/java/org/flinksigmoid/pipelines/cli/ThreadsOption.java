package org.flinksigmoid.pipelines.cli;

import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.pipelines.WholeNumber;
import picocli.CommandLine.Option;

/** How many threads compute. */
final class ThreadsOption {
    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = WholeNumber.Threads.class,
            description = "CPU threads for the model, 1 to 1024. Default: every processor.")
    private Integer threads;

    ThreadsOption() {}

    /** Whether a number was asked for. */
    boolean isGiven() {
        return threads != null;
    }

    /** At least 1. */
    int count() {
        return threads == null ? BackendOptions.defaults().threads() : threads;
    }
}
