package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.flinksigmoid.pipelines.bench.StartupBench;

/** {@code flink-sigmoid bench startup}: how soon a fresh JVM answers, and at full speed. */
final class StartupBenchCommand {
    private StartupBenchCommand() {}

    /**
     * Measures and prints.
     *
     * @param model folder of a speech model
     * @param jvms JVMs for each of the encoders
     */
    static void run(
            PrintWriter out, PrintWriter err, boolean json, Path model, int threads, int jvms)
            throws IOException, InterruptedException {
        List<StartupBench.Row> rows;
        try (Progress progress = Terminal.detect().progress(err, "bench startup", 2 * jvms)) {
            rows =
                    StartupBench.run(
                            JavaCommand.own(),
                            model,
                            threads,
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
            if (!json) {
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
        if (json) {
            out.println(object);
        }
        out.flush();
    }

    private static double median(double[] sorted) {
        return sorted[sorted.length / 2];
    }

    private static double last(double[] sorted) {
        return sorted[sorted.length - 1];
    }
}
