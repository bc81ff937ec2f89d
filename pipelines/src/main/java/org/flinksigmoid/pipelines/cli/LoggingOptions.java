package org.flinksigmoid.pipelines.cli;

import picocli.CommandLine.Option;

/** What every command takes. */
final class LoggingOptions {
    @Option(
            names = "--verbose",
            description = "Log what happens, and print stack traces, on standard error.")
    boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Explain this command and exit.")
    boolean help;

    LoggingOptions() {}
}
