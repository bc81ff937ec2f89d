package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.flinksigmoid.kernels.bench.GrowthBench;
import org.flinksigmoid.pipelines.bench.LineChart;
import org.flinksigmoid.pipelines.bench.LineChart.Axis;
import org.flinksigmoid.pipelines.bench.LineChart.Scale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid bench growth}: time a token against sequence length and batch, drawn. */
@Command(
        name = "growth",
        description = "Time a token against length and against batch, with a chart.")
final class GrowthBenchCommand implements Callable<Integer> {
    @Mixin private BenchOptions bench;
    @Mixin private ThreadsOption threads;

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            defaultValue = "growth.svg",
            description = "Where the chart goes. Default: ${DEFAULT-VALUE}.")
    private Path svg;

    GrowthBenchCommand() {}

    @Override
    public Integer call() throws IOException {
        run(bench.out(), bench.err(), bench.json(), threads.count(), GrowthBench.ALL, svg);
        return CommandLine.ExitCode.OK;
    }

    /**
     * Measures, prints and draws.
     *
     * @throws IOException if the chart can't be drawn, before anything is measured if that is known
     *     then
     * @param sizes how far to go
     * @param svg where the chart goes
     */
    static void run(
            PrintWriter out,
            PrintWriter err,
            boolean json,
            int threads,
            GrowthBench.Sizes sizes,
            Path svg)
            throws IOException {
        LineChart.requireWritable(svg);
        LineChart.requireFonts();
        GrowthBench.Result result;
        try (Progress progress = Terminal.detect().progress(err, "bench growth", sizes.points())) {
            result = GrowthBench.run(threads, sizes, point -> progress.step());
        }
        Map<String, SortedMap<Double, Double>> lines = lines(result);
        if (json) {
            out.println(toJson(result));
        } else {
            print(out, result);
            lines.keySet().forEach(out::println);
        }
        out.flush();
        new LineChart(
                        "Encoder %s, %d threads".formatted(GrowthBench.NAME, threads),
                        new Axis("n, batch", Scale.BINARY),
                        new Axis("us a token", Scale.BINARY),
                        lines)
                .writeSvg(svg);
        err.println("chart: " + svg);
        err.flush();
    }

    /** Microseconds a token against length and against batch, under what the chart says of each. */
    private static Map<String, SortedMap<Double, Double>> lines(GrowthBench.Result result) {
        SortedMap<Double, Double> lengths = new TreeMap<>();
        SortedMap<Double, Double> batches = new TreeMap<>();
        for (GrowthBench.Point point : result.points()) {
            if (point.batch() == 1) {
                lengths.put((double) point.n(), point.microseconds());
            }
            if (point.n() == GrowthBench.BATCHED_ROWS) {
                batches.put((double) point.batch(), point.microseconds());
            }
        }
        String overLength =
                String.format(
                        Locale.ROOT,
                        "against n, batch 1: n^%.2f, at last n^%.2f",
                        result.lengthExponent(),
                        result.lastLengthExponent());
        String overBatch =
                String.format(
                        Locale.ROOT,
                        "against batch B, n = %d: B^%.2f",
                        GrowthBench.BATCHED_ROWS,
                        result.batchExponent());
        Map<String, SortedMap<Double, Double>> lines = new LinkedHashMap<>();
        lines.put(overLength, lengths);
        lines.put(overBatch, batches);
        return lines;
    }

    private static void print(PrintWriter out, GrowthBench.Result result) {
        for (GrowthBench.Point point : result.points()) {
            out.printf(
                    Locale.ROOT,
                    "batch %4d, n %5d: %8.2f us a token%n",
                    point.batch(),
                    point.n(),
                    point.microseconds());
        }
    }

    private static ObjectNode toJson(GrowthBench.Result result) {
        ObjectNode object = Json.object().put("bench", "growth");
        object.putObject("ratios")
                .put("exponent of n", result.lengthExponent())
                .put("exponent of n, last octave", result.lastLengthExponent())
                .put("exponent of batch", result.batchExponent());
        for (GrowthBench.Point point : result.points()) {
            object.withArray("rows")
                    .addObject()
                    .put("batch", point.batch())
                    .put("n", point.n())
                    .put("microseconds_a_token", point.microseconds());
        }
        return object;
    }
}
