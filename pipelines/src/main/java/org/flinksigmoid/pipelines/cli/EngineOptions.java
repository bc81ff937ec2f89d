package org.flinksigmoid.pipelines.cli;

import java.util.Locale;
import picocli.CommandLine.Option;

/** What every command takes that runs a model. */
final class EngineOptions {
    /** The backends that can be asked for. */
    enum BackendChoice {
        AUTO,
        SCALAR,
        VECTOR,
        TORNADO
    }

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "Runs the model: ${COMPLETION-CANDIDATES}; auto takes the best one available,"
                            + " every other choice fails where it can't run. Default:"
                            + " ${DEFAULT-VALUE}.")
    private BackendChoice backend;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "CPU threads for the model. Default: every processor.")
    private Integer threads;

    EngineOptions() {}

    /** As {@code Backends.select} takes it. */
    String backend() {
        return backend.name().toLowerCase(Locale.ROOT);
    }

    /** At least 1. */
    int threads() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }
}
