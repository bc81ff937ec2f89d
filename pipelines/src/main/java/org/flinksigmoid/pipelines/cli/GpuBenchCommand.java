package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.BackendProvider;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.bench.GpuBench;
import org.flinksigmoid.kernels.bench.GpuRow;
import org.flinksigmoid.kernels.bench.GpuShape;
import org.flinksigmoid.kernels.checkpoint.BrokenJson;
import org.flinksigmoid.kernels.model.BackendName;
import org.flinksigmoid.pipelines.bench.LineChart;
import org.flinksigmoid.pipelines.bench.LineChart.Axis;
import org.flinksigmoid.pipelines.bench.LineChart.Scale;
import org.flinksigmoid.pipelines.local.TemporaryFolder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid bench gpu}: the table and chart of the GPU's attention kernel. */
@Command(name = "gpu", description = "The attention kernel beside PyTorch's: a table and a chart.")
final class GpuBenchCommand implements Callable<Integer> {
    private static final List<String> COUNTERS = List.of("tensor", "special", "issue", "memory");

    private static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

    @Mixin private BenchOptions bench;
    @Mixin private PythonOption python;

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            defaultValue = "attention.svg",
            description = "Where the chart goes. Default: ${DEFAULT-VALUE}.")
    private Path svg;

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "Print and draw what --json printed earlier, and measure nothing.")
    private Optional<Path> from;

    @Option(
            names = "--shape",
            paramLabel = "KIND,D,TYPE,B,H,N",
            converter = ShapeConverter.class,
            description = {
                "Measure this one, not the table's; may be given again. KIND is dense, causal,"
                        + " window (256 keys either way) or ragged (lengths of 64 to N), D 32, 64,"
                        + " 96 or 128, TYPE fp16 or bf16.",
                "Example: --shape causal,64,bf16,4,16,3000"
            })
    private List<GpuShape> shapes;

    GpuBenchCommand() {}

    /** Says what is wrong with a shape. */
    private static final class ShapeConverter implements CommandLine.ITypeConverter<GpuShape> {
        @Override
        public GpuShape convert(String text) {
            try {
                return GpuShape.parse(text);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = bench.out();
        PrintWriter err = bench.err();
        if (from.isPresent() && shapes != null) {
            throw new CommandLine.ParameterException(
                    bench.command().commandLine(), "--from measures nothing, so it has no --shape");
        }
        if (from.isPresent() && Files.exists(svg) && Files.isSameFile(from.get(), svg)) {
            throw new CommandLine.ParameterException(
                    bench.command().commandLine(),
                    "--svg: expected another file than --from's, whose result would be lost");
        }
        LineChart.requireWritable(svg);
        Measured measured = from.isPresent() ? read(from.get()) : measure();
        GpuBench.Result result = measured.result();
        result.notes().forEach(note -> err.println("note: " + Printable.of(note)));
        if (bench.json()) {
            out.println(toJson(measured));
        } else {
            out.println(
                    Printable.of(
                            "%s, %s; times by %s"
                                    .formatted(measured.card(), measured.date(), result.timer())));
            out.println();
            printTable(out, result.rows());
        }
        out.flush();
        try {
            chart(result.rows()).writeSvg(svg);
            err.println("chart: " + svg);
        } catch (IOException e) {
            err.println(
                    "note: no chart: %s. From the result that --json prints, bench gpu --from FILE"
                                    .formatted(e.getMessage())
                            + " draws it on another machine");
        }
        err.flush();
        return CommandLine.ExitCode.OK;
    }

    /**
     * A result, and where and when it was measured.
     *
     * @param card the GPU's name
     * @param date the day, as ISO 8601 has it
     */
    private record Measured(String card, String date, GpuBench.Result result) {}

    /**
     * Measures.
     *
     * @throws IllegalStateException if the GPU backend can't run here
     */
    private Measured measure() throws IOException, InterruptedException {
        String card = card("bench gpu");
        List<GpuShape> wanted = shapes == null ? GpuShape.table() : shapes;
        try (Progress progress = bench.progress(GpuBench.steps(wanted))) {
            return new Measured(
                    card,
                    LocalDate.now().toString(),
                    GpuBench.run(
                            wanted,
                            JavaCommand.own(),
                            python.program(),
                            TemporaryFolder.path(),
                            step -> progress.step()));
        }
    }

    /**
     * Reads what {@code --json} printed.
     *
     * @throws IllegalArgumentException if the file holds anything else
     */
    private static Measured read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw noResult(file, "a folder");
        }
        byte[] text = Files.readAllBytes(file);
        List<GpuRow> rows = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        JsonNode json;
        try {
            json = JSON.readTree(text);
            for (JsonNode row : json.path("rows")) {
                rows.add(JSON.treeToValue(row, GpuRow.class));
            }
        } catch (JsonProcessingException e) {
            throw noResult(file, BrokenJson.describe(e));
        } catch (IOException e) { // of text that is no UTF-8
            throw noResult(file, e.getMessage());
        }
        if (!json.path("bench").asText().equals("gpu")) {
            throw noResult(file, "no \"bench\": \"gpu\"");
        }
        if (rows.isEmpty() || !rows.stream().allMatch(GpuBenchCommand::isMeasured)) {
            throw noResult(file, "no row, or one without a shape or a time");
        }
        json.path("notes").forEach(note -> notes.add(note.asText()));
        return new Measured(
                json.path("card").asText(),
                json.path("date").asText(),
                new GpuBench.Result(json.path("timer").asText(), notes, rows));
    }

    private static IllegalArgumentException noResult(Path file, String found) {
        return new IllegalArgumentException(
                "%s: expected what bench gpu --json printed, found %s".formatted(file, found));
    }

    private static boolean isMeasured(GpuRow row) {
        return row != null
                && row.kind() != null
                && row.type() != null
                && row.n() > 0
                && DoubleStream.concat(
                                DoubleStream.of(row.flops(), row.microseconds()),
                                row.peers().values().stream().mapToDouble(time -> time))
                        .allMatch(number -> number > 0 && Double.isFinite(number));
    }

    /**
     * The GPU's name.
     *
     * @param bench who asks
     * @throws IllegalStateException if the GPU backend can't run here
     */
    static String card(String bench) {
        BackendProvider provider =
                Backends.providers().stream()
                        .filter(each -> each.name().equals(BackendName.TORNADO.toString()))
                        .findFirst()
                        .orElseThrow();
        return switch (provider.availability()) {
            case Availability.Available there -> there.detail();
            case Availability.Unavailable not ->
                    throw new IllegalStateException(
                            "%s: %s %s".formatted(bench, not.reason(), not.remedy()));
        };
    }

    static void printTable(PrintWriter out, List<GpuRow> rows) {
        List<String> peers =
                new ArrayList<>(
                        rows.stream()
                                .flatMap(row -> row.peers().keySet().stream())
                                .collect(Collectors.toCollection(TreeSet::new)));
        List<String> counters =
                COUNTERS.stream()
                        .filter(name -> rows.stream().anyMatch(row -> has(row.counters(), name)))
                        .toList();
        List<String> head = new ArrayList<>(List.of("kind", "d", "type", "B,H,n"));
        head.addAll(List.of("us", "TFLOP/s", "error"));
        counters.forEach(name -> head.add(name + " %"));
        peers.forEach(name -> head.add(Printable.of(name) + " us (ratio)"));
        out.println(line(head));
        out.println("|" + "---|".repeat(head.size()));
        for (GpuRow row : rows) {
            List<String> cells =
                    new ArrayList<>(
                            List.of(
                                    Printable.of(row.kind()),
                                    "" + row.width(),
                                    Printable.of(row.type())));
            cells.add("%d,%d,%d".formatted(row.batch(), row.heads(), row.n()));
            cells.add(number("%.1f", row.microseconds()));
            cells.add(number("%.0f", row.teraflops()));
            cells.add(number("%.1e", row.error()));
            counters.forEach(name -> cells.add(number("%.0f", row.counters().get(name))));
            peers.forEach(
                    name ->
                            cells.add(
                                    has(row.peers(), name)
                                            ? String.format(
                                                    Locale.ROOT,
                                                    "%.1f (%.2f)",
                                                    row.peers().get(name),
                                                    row.ratio(name))
                                            : ""));
            out.println(line(cells));
        }
    }

    private static boolean has(Map<String, Double> map, String name) {
        return map.containsKey(name);
    }

    static String number(String format, Double value) {
        return value == null ? "" : String.format(Locale.ROOT, format, value);
    }

    static String line(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |"));
    }

    private static ObjectNode toJson(Measured measured) {
        GpuBench.Result result = measured.result();
        ObjectNode object = Json.object().put("bench", "gpu");
        object.put("card", measured.card()).put("date", measured.date());
        object.put("timer", result.timer());
        ObjectNode ratios = object.putObject("ratios");
        for (GpuRow row : result.rows()) {
            row.peers().keySet().forEach(p -> ratios.put(row.name() + " / " + p, row.ratio(p)));
        }
        object.set("rows", JSON.valueToTree(result.rows()));
        object.set("notes", JSON.valueToTree(result.notes()));
        return object;
    }

    /** TFLOP/s of dense fp16 attention against n: ours by width, and the peers at width 64. */
    static LineChart chart(List<GpuRow> rows) {
        Map<String, SortedMap<Double, Double>> lines = new LinkedHashMap<>();
        for (GpuRow row : rows) {
            if (!row.kind().equals("dense") || !row.type().equals("fp16")) {
                continue;
            }
            add(lines, "ours, d = " + row.width(), row.n(), row.teraflops());
            if (row.width() == 64) {
                row.peers()
                        .forEach(
                                (peer, time) ->
                                        add(
                                                lines,
                                                peer + ", d = 64",
                                                row.n(),
                                                row.flops() / time * 1e-6));
            }
        }
        return new LineChart(
                "Dense attention, fp16",
                new Axis("sequence length", Scale.BINARY),
                new Axis("TFLOP/s", Scale.LINEAR),
                lines);
    }

    private static void add(
            Map<String, SortedMap<Double, Double>> lines, String name, double n, double rate) {
        lines.computeIfAbsent(name, each -> new TreeMap<>()).put(n, rate);
    }
}
