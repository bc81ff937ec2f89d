package org.flinksigmoid.pipelines.cli;

import org.flinksigmoid.pipelines.WholeNumber;
import picocli.CommandLine.Option;

/** How often a measurement is repeated. */
final class RoundsOption {
    @Option(
            names = "--rounds",
            paramLabel = "N",
            converter = WholeNumber.Times.class,
            description =
                    "Rounds that count, 1 to 10000, behind one that doesn't. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int rounds;

    /** With so many by default. */
    RoundsOption(int rounds) {
        this.rounds = rounds;
    }

    /** At least 1. */
    int count() {
        return rounds;
    }
}
