package org.flinksigmoid.pipelines.cli;

import picocli.CommandLine.Option;

/** What runs the peers of a measurement that PyTorch has. */
final class PythonOption {
    @Option(
            names = "--python",
            paramLabel = "PROGRAM",
            defaultValue = "python3",
            description =
                    "Interpreter that may have PyTorch, for the peers. Default: ${DEFAULT-VALUE}.")
    private String python;

    PythonOption() {}

    /** A program's name or path. */
    String program() {
        return python;
    }
}
