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

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "8192",
            description = "Windows of each round, more than 1280. Default: ${DEFAULT-VALUE}.")
    private int windows;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "" + JobBench.ROUNDS,
            description = "Rounds that count, behind one that doesn't. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    JobBenchCommand() {}

    @Override
    public Integer call() throws Exception {
        int count = Math.max(1, rounds);
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
