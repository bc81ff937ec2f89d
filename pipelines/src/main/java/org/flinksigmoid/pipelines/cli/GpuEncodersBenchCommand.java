package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.flinksigmoid.kernels.bench.GpuEncoderBench;
import org.flinksigmoid.kernels.bench.GpuEncoderRow;
import org.flinksigmoid.pipelines.local.TemporaryFolder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flink-sigmoid bench gpu-encoders}: whole encoders on a GPU, beside compiled PyTorch. */
@Command(
        name = "gpu-encoders",
        description =
                "Whole encoders on a GPU beside compiled PyTorch, and what a run costs beyond"
                        + " its kernels.")
final class GpuEncodersBenchCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin private BenchOptions bench;
    @Mixin private PythonOption python;

    GpuEncodersBenchCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        String card = GpuBenchCommand.card("bench gpu-encoders");
        GpuEncoderBench.Result result;
        try (Progress progress = bench.progress(GpuEncoderBench.steps())) {
            result =
                    GpuEncoderBench.run(
                            JavaCommand.own(),
                            python.program(),
                            TemporaryFolder.path(),
                            step -> progress.step());
        }
        result.notes().forEach(note -> bench.err().println("note: " + Printable.of(note)));
        PrintWriter out = bench.out();
        if (bench.json()) {
            out.println(toJson(card, result));
        } else {
            out.println("%s, %s".formatted(card, LocalDate.now()));
            out.println();
            printTable(out, result.rows());
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    static void printTable(PrintWriter out, List<GpuEncoderRow> rows) {
        List<String> peers =
                new ArrayList<>(
                        rows.stream()
                                .flatMap(row -> row.peers().keySet().stream())
                                .collect(Collectors.toCollection(TreeSet::new)));
        List<String> head =
                new ArrayList<>(
                        List.of(
                                "encoder",
                                "arithmetic",
                                "batch x n",
                                "wall ms",
                                "p90",
                                "kernels ms",
                                "beyond them us",
                                "kernels in a row ms"));
        peers.forEach(peer -> head.add(peer + " ms (ratio)"));
        out.println(GpuBenchCommand.line(head));
        out.println("|" + "---|".repeat(head.size()));
        for (GpuEncoderRow row : rows) {
            List<String> cells =
                    new ArrayList<>(
                            List.of(
                                    row.encoder(),
                                    row.arithmetic(),
                                    row.batch() + " x " + row.n(),
                                    GpuBenchCommand.number("%.3f", row.wall()),
                                    GpuBenchCommand.number("%.3f", row.wallP90()),
                                    GpuBenchCommand.number("%.3f", row.kernels()),
                                    GpuBenchCommand.number("%.0f", row.beyondMicroseconds()),
                                    GpuBenchCommand.number("%.3f", row.kernelsInARow())));
            for (String peer : peers) {
                cells.add(
                        row.peers().containsKey(peer)
                                ? String.format(
                                        Locale.ROOT,
                                        "%.2f (%.2f)",
                                        row.peers().get(peer),
                                        row.ratio(peer))
                                : "");
            }
            out.println(GpuBenchCommand.line(cells));
        }
    }

    private static ObjectNode toJson(String card, GpuEncoderBench.Result result) {
        ObjectNode object = Json.object().put("bench", "gpu-encoders");
        object.put("card", card).put("date", LocalDate.now().toString());
        ObjectNode ratios = object.putObject("ratios");
        for (GpuEncoderRow row : result.rows()) {
            row.peers().keySet().forEach(p -> ratios.put(row.name() + " / " + p, row.ratio(p)));
        }
        object.set("rows", JSON.valueToTree(result.rows()));
        object.set("notes", JSON.valueToTree(result.notes()));
        return object;
    }
}
