package org.flinksigmoid.pipelines.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flink-sigmoid bench}: short measurements on this machine. */
@Command(
        name = "bench",
        description = "Measure this machine: what the vector backend gains, what Flink costs.",
        synopsisSubcommandLabel = "NAME",
        subcommands = {
            EncoderBenchCommand.class,
            JobBenchCommand.class,
            BatchingBenchCommand.class,
            OperatorsBenchCommand.class,
            SqlBenchCommand.class,
            CpuBenchCommand.class,
            WeightsBenchCommand.class,
            GrowthBenchCommand.class,
            StreamsBenchCommand.class,
            StartupBenchCommand.class,
            CallsBenchCommand.class,
            GpuBenchCommand.class,
            GpuEncodersBenchCommand.class
        },
        footer = {
            "",
            "'flink-sigmoid bench NAME --help' explains one.",
            "",
            "  flink-sigmoid bench encoder",
            "  flink-sigmoid bench job --json",
            "  flink-sigmoid bench operators --json",
            "  flink-sigmoid bench sql --json",
            "  flink-sigmoid bench calls --model large --backend tornado --streams 5000,10000",
            "  flink-sigmoid bench gpu --svg attention.svg",
            "  flink-sigmoid bench gpu-encoders"
        })
final class BenchCommand implements Runnable {
    @Mixin private LoggingOptions logging;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    BenchCommand() {}

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "expected what to measure after bench, found nothing");
    }
}
