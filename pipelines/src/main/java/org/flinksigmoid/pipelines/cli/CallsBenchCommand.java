package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.flinksigmoid.pipelines.WholeNumber;
import org.flinksigmoid.pipelines.asr.AsrArguments;
import org.flinksigmoid.pipelines.asr.AsrOptions;
import org.flinksigmoid.pipelines.bench.CallsBench;
import org.flinksigmoid.pipelines.bench.CallsResult;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid bench calls}: concurrent live streams through the whole speech job. */
@Command(
        name = "calls",
        description =
                "Latency of concurrent live speech streams, more and more of them, through the"
                        + " whole Flink job. Prints each stage as it ends.")
final class CallsBenchCommand implements Callable<Integer> {
    @Mixin private BenchOptions bench;
    @Mixin private EngineOptions engine;
    @Mixin private SpeechModelOption model;
    @Mixin private StreamsOptions load;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            converter = WholeNumber.Parallel.class,
            description = "Subtasks of each operator, 1 to 128. Default: every processor.")
    private Integer parallelism;

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description = "Set an option of the operators, as for asr.")
    private Map<String, String> settings = Map.of();

    CallsBenchCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = bench.out();
        AsrOptions options =
                AsrOptions.of(model.folder())
                        .withEngine(engine.toModelOptions())
                        .withSettings(AsrArguments.settings(settings, bench.command()));
        int subtasks =
                parallelism == null ? Runtime.getRuntime().availableProcessors() : parallelism;
        PrintWriter rows = bench.json() ? bench.err() : out;
        CallsResult result =
                CallsBench.run(
                        options,
                        load.streams(),
                        load.seconds(),
                        subtasks,
                        row -> {
                            print(row, rows);
                            StandardOutput.flush(out); // or nobody reads the stages to come
                        });
        if (bench.json()) {
            out.println(toJson(result, subtasks));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%d chunks, %d windows, %d results, %d problems%n%s%n",
                    result.chunks(),
                    result.windows(),
                    result.results(),
                    result.problems(),
                    result.mostStreams().isPresent()
                            ? "in time: up to %d streams".formatted(result.mostStreams().getAsInt())
                            : "in time: none of these");
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private static void print(CallsResult.Row row, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%6d streams: median %5d ms, p99 %5d ms (transcripts %5d) after a window's audio;"
                        + " %8.1f windows/s in batches of %.1f;%s %.1f of %d processors; nearest"
                        + " to its limit: %s%n",
                row.streams(),
                row.median(),
                row.p99(),
                row.transcriptP99(),
                row.windowsPerSecond(),
                row.batch(),
                row.gpu().isPresent()
                        ? String.format(Locale.ROOT, " GPU %.0f %%,", 100 * row.gpu().getAsDouble())
                        : "",
                row.processors(),
                row.available(),
                row.bottleneck());
        out.flush();
    }

    private static ObjectNode toJson(CallsResult result, int parallelism) {
        ObjectNode object = Json.object().put("bench", "calls");
        ObjectNode ratios = object.putObject("ratios");
        object.put("parallelism", parallelism)
                .put("chunks", result.chunks())
                .put("windows", result.windows())
                .put("results", result.results())
                .put("problems", result.problems())
                .put("most_streams", result.mostStreams().orElse(0));
        for (CallsResult.Row row : result.rows()) {
            ratios.put("p99 ms at %d streams".formatted(row.streams()), row.p99());
            ObjectNode line =
                    object.withArray("rows")
                            .addObject()
                            .put("streams", row.streams())
                            .put("windows", row.windows())
                            .put("windows_per_second", row.windowsPerSecond())
                            .put("median_ms", row.median())
                            .put("p99_ms", row.p99())
                            .put("transcripts", row.transcripts())
                            .put("transcripts_p99_ms", row.transcriptP99())
                            .put("batch", row.batch())
                            .put("processors", row.processors())
                            .put("available", row.available())
                            .put("bottleneck", row.bottleneck())
                            .put("in_time", row.inTime());
            row.gpu().ifPresent(share -> line.put("gpu", share));
            row.stages().forEach(line.putObject("stages")::put);
        }
        return object;
    }
}
