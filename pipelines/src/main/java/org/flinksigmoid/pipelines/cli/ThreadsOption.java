package org.flinksigmoid.pipelines.cli;

import org.flinksigmoid.kernels.backend.BackendOptions;
import picocli.CommandLine.Option;

/** How many threads compute. */
final class ThreadsOption {
    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "CPU threads for the model. Default: every processor.")
    private Integer threads;

    ThreadsOption() {}

    /**
     * At least 1.
     *
     * @throws IllegalArgumentException if fewer were asked for
     */
    int count() {
        BackendOptions defaults = BackendOptions.defaults();
        return threads == null ? defaults.threads() : new BackendOptions(threads, 0).threads();
    }
}
