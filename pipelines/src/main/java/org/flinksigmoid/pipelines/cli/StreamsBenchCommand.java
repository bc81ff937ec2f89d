package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.flinksigmoid.pipelines.bench.StreamsBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flink-sigmoid bench streams}: concurrent speech streams on one core, in real time. */
@Command(
        name = "streams",
        description = "Latency of concurrent speech streams, in real time and without Flink.")
final class StreamsBenchCommand implements Callable<Integer> {
    @Mixin private BenchOptions bench;
    @Mixin private EngineOptions engine;
    @Mixin private SpeechModelOption model;
    @Mixin private StreamsOptions load;

    StreamsBenchCommand() {}

    @Override
    public Integer call() throws IOException {
        PrintWriter out = bench.out();
        Path folder = model.folder();
        List<StreamsBench.Row> rows;
        try (Progress progress = bench.progress(load.streams().length)) {
            rows =
                    StreamsBench.run(
                            folder,
                            engine.withOneThread(bench.command()),
                            load.streams(),
                            load.seconds(),
                            row -> progress.step());
        }
        ObjectNode object = Json.object().put("bench", "streams");
        ObjectNode ratios = object.putObject("ratios");
        for (StreamsBench.Row row : rows) {
            ratios.put("p99 ms at %d streams".formatted(row.streams()), row.p99());
            object.withArray("rows")
                    .addObject()
                    .put("streams", row.streams())
                    .put("median_ms", row.median())
                    .put("p99_ms", row.p99())
                    .put("windows_per_second", row.windowsPerSecond())
                    .put("busy", row.busy());
            if (!bench.json()) {
                out.printf(
                        Locale.ROOT,
                        "%4d streams: median %7.1f ms, p99 %7.1f ms after a window's audio;"
                                + " %6.1f windows/s, busy %3.0f %%%n",
                        row.streams(),
                        row.median(),
                        row.p99(),
                        row.windowsPerSecond(),
                        100 * row.busy());
            }
        }
        if (bench.json()) {
            out.println(object);
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }
}
