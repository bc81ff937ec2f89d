package org.flinksigmoid.pipelines.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.flinksigmoid.kernels.model.BackendName;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.pipelines.bench.EncoderBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flink-sigmoid bench encoder}: one backend against another, without Flink. */
@Command(
        name = "encoder",
        description =
                "The vector backend against plain loops or, with --backend tornado, the GPU against"
                        + " the vector backend.")
final class EncoderBenchCommand implements Callable<Integer> {
    @Mixin private BenchOptions bench;
    @Mixin private EngineOptions engine;
    @Mixin private SpeechModelOption model;

    EncoderBenchCommand() {}

    @Override
    public Integer call() throws Exception {
        Path folder = model.folder();
        ModelOptions options = engine.toModelOptions();
        boolean gpu = options.backend().equals(BackendName.TORNADO.toString());
        try (Progress progress = bench.progress(EncoderBench.rounds())) {
            bench.print(
                    gpu
                            ? EncoderBench.gpu(folder, options, progress::step)
                            : EncoderBench.run(folder, options, progress::step));
        }
        return CommandLine.ExitCode.OK;
    }
}
