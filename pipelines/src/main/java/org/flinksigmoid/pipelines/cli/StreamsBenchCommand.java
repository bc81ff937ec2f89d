package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.pipelines.bench.StreamsBench;

/** {@code flink-sigmoid bench streams}: concurrent speech streams on one core, in real time. */
final class StreamsBenchCommand {
    private StreamsBenchCommand() {}

    /** Measures and prints. */
    static void run(
            PrintWriter out,
            PrintWriter err,
            boolean json,
            Path model,
            ModelOptions options,
            int[] streams,
            int seconds) {
        List<StreamsBench.Row> rows;
        try (Progress progress = Terminal.detect().progress(err, "bench streams", streams.length)) {
            rows = StreamsBench.run(model, options, streams, seconds, row -> progress.step());
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
            if (!json) {
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
        if (json) {
            out.println(object);
        }
        out.flush();
    }
}
