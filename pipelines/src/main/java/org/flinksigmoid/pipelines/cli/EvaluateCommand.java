package org.flinksigmoid.pipelines.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flink-sigmoid evaluate}: measures a model on labelled data. */
@Command(
        name = "evaluate",
        description = "Measure a model on labelled data: word error rate, accuracy, AUC.",
        synopsisSubcommandLabel = "asr|score",
        subcommands = {EvaluateAsrCommand.class, EvaluateScoreCommand.class},
        footer = {"", "'flink-sigmoid evaluate asr --help' explains it, and the same with score."})
final class EvaluateCommand implements Runnable {
    @Mixin private LoggingOptions logging;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    EvaluateCommand() {}

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "expected asr or score after evaluate, found neither");
    }
}
