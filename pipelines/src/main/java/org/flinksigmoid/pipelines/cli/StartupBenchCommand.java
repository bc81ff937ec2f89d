package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import org.flinksigmoid.pipelines.WholeNumber;
import org.flinksigmoid.pipelines.bench.BenchResult;
import org.flinksigmoid.pipelines.bench.StartupBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid bench startup}: how soon a fresh JVM answers, and at full speed. */
@Command(name = "startup", description = "How soon fresh JVMs are at full speed.")
final class StartupBenchCommand implements Callable<Integer> {
    @Mixin private BenchOptions bench;
    @Mixin private ThreadsOption threads;
    @Mixin private SpeechModelOption model;

    @Option(
            names = "--jvms",
            paramLabel = "N",
            defaultValue = "5",
            converter = WholeNumber.Times.class,
            description = "Fresh JVMs for each of two models. Default: ${DEFAULT-VALUE}.")
    private int jvms;

    StartupBenchCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = bench.out();
        List<StartupBench.Row> rows;
        try (Progress progress = bench.progress(2 * jvms)) {
            rows =
                    StartupBench.run(
                            JavaCommand.own(),
                            model.folder(),
                            threads.count(),
                            jvms,
                            StartupBench.SLICES,
                            progress::step);
        }
        ObjectNode object = Json.object().put("bench", "startup");
        ObjectNode ratios = object.putObject("ratios");
        for (StartupBench.Row row : rows) {
            ratios.put(row.what() + ", ms to the first result", median(row.first()));
            ratios.put(row.what() + ", ms to full speed", median(row.steady()));
            object.withArray("rows")
                    .addObject()
                    .put("name", row.what())
                    .put("jvms", row.loaded().length)
                    .put("loaded_ms", median(row.loaded()))
                    .put("first_ms", median(row.first()))
                    .put("first_slowest_ms", last(row.first()))
                    .put("steady_ms", median(row.steady()))
                    .put("steady_slowest_ms", last(row.steady()));
            if (!bench.json()) {
                out.printf(
                        Locale.ROOT,
                        "%-32s loaded in %5.0f ms, first result after %5.0f (slowest %5.0f), full"
                                + " speed after %5.0f (slowest %5.0f); medians of %d JVMs%n",
                        row.what(),
                        median(row.loaded()),
                        median(row.first()),
                        last(row.first()),
                        median(row.steady()),
                        last(row.steady()),
                        row.loaded().length);
            }
        }
        if (bench.json()) {
            out.println(object);
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private static double median(double[] values) {
        return BenchResult.median(DoubleStream.of(values).boxed().toList());
    }

    private static double last(double[] sorted) {
        return sorted[sorted.length - 1];
    }
}
