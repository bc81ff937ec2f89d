package org.flinksigmoid.pipelines.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.flinksigmoid.pipelines.bench.SqlBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid bench sql}: what SQL costs. */
@Command(
        name = "sql",
        description =
                "ML_PREDICT against the DataStream operator over the same texts, and TRANSCRIBE"
                        + " with digits-ctc against the speech job.")
final class SqlBenchCommand implements Callable<Integer> {
    private static final String SPEECH_MODEL = "digits-ctc";

    @Mixin private BenchOptions bench;
    @Mixin private EngineOptions engine;
    @Mixin private TextModelOption model;
    @Mixin private RoundsOption rounds = new RoundsOption(SqlBench.ROUNDS);

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "8192",
            converter = BenchOptions.Results.class,
            description = "Texts of each round, 2560 or more. Default: ${DEFAULT-VALUE}.")
    private int texts;

    SqlBenchCommand() {}

    @Override
    public Integer call() throws Exception {
        int count = rounds.count();
        Path folder = model.folder();
        Path speech = ModelOption.resolve(SPEECH_MODEL);
        try (Progress progress = bench.progress(SqlBench.steps(count))) {
            bench.print(
                    SqlBench.run(
                            folder, speech, engine.toModelOptions(), texts, count, progress::step));
        }
        return CommandLine.ExitCode.OK;
    }
}
