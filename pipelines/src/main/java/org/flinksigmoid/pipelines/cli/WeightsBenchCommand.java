package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.flinksigmoid.kernels.bench.Comparison;
import org.flinksigmoid.kernels.bench.WeightsBench;

/** {@code flink-sigmoid bench weights}: narrow weights against floats, speed, error, memory. */
final class WeightsBenchCommand {
    private WeightsBenchCommand() {}

    /** Measures and prints. */
    static void run(PrintWriter out, PrintWriter err, boolean json, int threads) {
        List<WeightsBench.Row> rows;
        try (Progress progress =
                Terminal.detect().progress(err, "bench weights", WeightsBench.comparisons())) {
            rows = WeightsBench.run(threads, row -> progress.step());
        }
        ObjectNode object = Json.object().put("bench", "weights");
        ObjectNode ratios = object.putObject("ratios");
        for (WeightsBench.Row row : rows) {
            Comparison speed = row.comparison();
            ratios.put(speed.work() + " / " + speed.against(), speed.ratio());
            object.withArray("rows")
                    .addObject()
                    .put("name", speed.work())
                    .put("against", speed.against())
                    .put("milliseconds", speed.milliseconds())
                    .put("ratio", speed.ratio())
                    .put("low", speed.low())
                    .put("high", speed.high())
                    .put("error", row.error())
                    .put("megabytes", row.megabytes());
            if (!json) {
                out.printf(
                        Locale.ROOT,
                        "%-52s %8.3f ms %6.2f (%.2f to %.2f) of %s, error %.1e, %.1f MB%n",
                        speed.work(),
                        speed.milliseconds(),
                        speed.ratio(),
                        speed.low(),
                        speed.high(),
                        speed.against(),
                        row.error(),
                        row.megabytes());
            }
        }
        if (json) {
            out.println(object);
        }
        out.flush();
    }
}
