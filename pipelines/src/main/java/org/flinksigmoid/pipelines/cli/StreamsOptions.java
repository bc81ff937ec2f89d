package org.flinksigmoid.pipelines.cli;

import org.flinksigmoid.pipelines.WholeNumber;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How many streams a measurement has at once, and how long. */
final class StreamsOptions {
    @Option(
            names = "--streams",
            paramLabel = "N",
            split = ",",
            defaultValue = "100,200,300,400",
            converter = Streams.class,
            description = "How many at once, ascending, a stage each. Default: ${DEFAULT-VALUE}.")
    private int[] streams;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "15",
            converter = WholeNumber.Times.class,
            description = "Length of a stage. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    StreamsOptions() {}

    private static final class Streams extends WholeNumber {
        Streams() {
            super(1, 1_000_000);
        }
    }

    /**
     * At least one stage.
     *
     * @throws ParameterException if there is none, or they don't ascend
     */
    int[] streams() {
        if (streams.length == 0) { // as of a comma alone
            throw new ParameterException(
                    command.commandLine(), "--streams: expected at least one number, found none");
        }
        for (int i = 1; i < streams.length; i++) {
            if (streams[i] <= streams[i - 1]) {
                throw new ParameterException(
                        command.commandLine(),
                        "--streams: expected ascending numbers, found %d after %d"
                                .formatted(streams[i], streams[i - 1]));
            }
        }
        return streams.clone();
    }

    int seconds() {
        return seconds;
    }
}
