package org.flinksigmoid.pipelines.cli;

import java.util.concurrent.Callable;
import org.flinksigmoid.pipelines.bench.JobBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid bench job}: what Flink costs. */
@Command(name = "job", description = "The Flink job against a plain loop over the same windows.")
final class JobBenchCommand implements Callable<Integer> {
    @Mixin private BenchOptions bench;
    @Mixin private EngineOptions engine;
    @Mixin private SpeechModelOption model;
    @Mixin private RoundsOption rounds = new RoundsOption(JobBench.ROUNDS);

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "8192",
            converter = BenchOptions.Results.class,
            description = "Windows of each round, 2560 or more. Default: ${DEFAULT-VALUE}.")
    private int windows;

    JobBenchCommand() {}

    @Override
    public Integer call() throws Exception {
        int count = rounds.count();
        try (Progress progress = bench.progress(count + 1)) {
            bench.print(
                    JobBench.run(
                            model.folder(),
                            engine.toModelOptions(),
                            windows,
                            count,
                            progress::step));
        }
        return CommandLine.ExitCode.OK;
    }
}
