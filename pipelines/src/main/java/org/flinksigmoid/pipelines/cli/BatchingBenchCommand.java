package org.flinksigmoid.pipelines.cli;

import java.util.concurrent.Callable;
import org.flinksigmoid.pipelines.bench.JobBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid bench batching}: what large batches gain. */
@Command(name = "batching", description = "The Flink job with batches of one against large ones.")
final class BatchingBenchCommand implements Callable<Integer> {
    @Mixin private BenchOptions bench;
    @Mixin private EngineOptions engine;
    @Mixin private SpeechModelOption model;
    @Mixin private RoundsOption rounds = new RoundsOption(JobBench.BATCHING_ROUNDS);

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "20480",
            converter = BenchOptions.ManyResults.class,
            description = "Windows of each round, 20480 or more. Default: ${DEFAULT-VALUE}.")
    private int windows;

    BatchingBenchCommand() {}

    @Override
    public Integer call() throws Exception {
        int count = rounds.count();
        try (Progress progress = bench.progress(count + 1)) {
            bench.print(
                    JobBench.batching(
                            model.folder(),
                            engine.toModelOptions(),
                            windows,
                            count,
                            progress::step));
        }
        return CommandLine.ExitCode.OK;
    }
}
