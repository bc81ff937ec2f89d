package org.flinksigmoid.pipelines.cli;

import picocli.CommandLine.Option;

/** How many streams a measurement has at once, and how long. */
final class StreamsOptions {
    @Option(
            names = "--streams",
            paramLabel = "N",
            split = ",",
            defaultValue = "100,200,300,400",
            description = "How many at once, ascending, a stage each. Default: ${DEFAULT-VALUE}.")
    private int[] streams;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "15",
            description = "Length of a stage. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    StreamsOptions() {}

    int[] streams() {
        return streams.clone();
    }

    int seconds() {
        return seconds;
    }
}
