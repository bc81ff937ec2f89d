package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.flinksigmoid.kernels.bench.Comparison;
import org.flinksigmoid.kernels.bench.Comparisons;
import org.flinksigmoid.pipelines.local.TemporaryFolder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid bench cpu}: in turn with ONNX Runtime and with the hardware. */
@Command(
        name = "cpu",
        description =
                "Encoders against ONNX Runtime, kernels against the processor's peak. Prints each"
                        + " row once it is there.")
final class CpuBenchCommand implements Callable<Integer> {
    @Mixin private BenchOptions bench;
    @Mixin private ThreadsOption threads;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Option(
            names = "--rows",
            paramLabel = "PATTERN",
            defaultValue = "",
            description =
                    "Only comparisons whose names hold a match of this regular expression. Default:"
                            + " all, in about ten minutes.")
    private Pattern rows;

    CpuBenchCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = bench.out();
        Comparisons comparisons = find(spec.commandLine());
        List<String> names = comparisons.names(Comparisons.Table.CPU, threads.count());
        List<String> chosen = names.stream().filter(name -> rows.matcher(name).find()).toList();
        if (chosen.isEmpty()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--rows: none of %s matches %s".formatted(names, rows));
        }
        List<Comparison> found = new ArrayList<>();
        try (Progress progress = bench.progress(chosen.size())) {
            for (String name : chosen) {
                Comparison row =
                        comparisons.measure(
                                Comparisons.Table.CPU,
                                threads.count(),
                                name,
                                TemporaryFolder.path());
                found.add(row);
                if (!bench.json()) {
                    progress.clear();
                    print(out, row);
                }
                progress.step();
            }
        }
        if (bench.json()) {
            out.println(toJson(found));
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private static void print(PrintWriter out, Comparison row) {
        out.printf(
                Locale.ROOT,
                "%-48s %7.1f GFLOP/s, %3.0f%% of peak  %6.2f (%.2f to %.2f) of %s",
                row.work(),
                row.gflops(),
                100 * row.share(),
                row.ratio(),
                row.low(),
                row.high(),
                row.against());
        out.printf(Locale.ROOT, " (%3.0f%% of peak)%n", 100 * row.theirShare());
        StandardOutput.flush(out); // or nobody reads what would take minutes more
    }

    /** What only the launcher of a source tree puts on the class path. */
    static Comparisons find(CommandLine line) {
        return Comparisons.find()
                .orElseThrow(
                        () ->
                                new CommandLine.ParameterException(
                                        line,
                                        "bench cpu and bench weights need JMH, ONNX Runtime and a"
                                                + " MiniLM model, which bin/flink-sigmoid of a"
                                                + " source tree fetches"));
    }

    private static ObjectNode toJson(List<Comparison> found) {
        ObjectNode object = Json.object().put("bench", "cpu");
        ObjectNode ratios = object.putObject("ratios");
        for (Comparison row : found) {
            ratios.put(row.work() + " / " + row.against(), row.ratio());
            object.withArray("rows")
                    .addObject()
                    .put("name", row.work())
                    .put("against", row.against())
                    .put("gflops", row.gflops())
                    .put("milliseconds", row.milliseconds())
                    .put("ratio", row.ratio())
                    .put("low", row.low())
                    .put("high", row.high())
                    .put("share_of_peak", row.share())
                    .put("their_share_of_peak", row.theirShare())
                    .put("largest_possible_ratio", 1 / row.theirShare())
                    .put("bytes_per_call", row.bytes());
        }
        return object;
    }
}
