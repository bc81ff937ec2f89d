package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.flinksigmoid.kernels.bench.Comparison;
import org.flinksigmoid.kernels.bench.Comparisons;
import org.flinksigmoid.kernels.bench.WeightsWork;
import picocli.CommandLine;

/** {@code flink-sigmoid bench weights}: narrow weights against floats, speed, error, memory. */
final class WeightsBenchCommand {
    private WeightsBenchCommand() {}

    /** Measures and prints. */
    static void run(CommandLine line, boolean json, int threads) {
        PrintWriter out = line.getOut();
        Comparisons comparisons = CpuBenchCommand.find(line);
        List<WeightsWork> works = WeightsWork.all(threads);
        ObjectNode object = Json.object().put("bench", "weights");
        ObjectNode ratios = object.putObject("ratios");
        try (Progress progress =
                Terminal.detect().progress(line.getErr(), "bench weights", works.size())) {
            for (WeightsWork work : works) {
                String name = work.name() + " / " + WeightsWork.AGAINST;
                Comparison speed = comparisons.measure(Comparisons.Table.WEIGHTS, threads, name);
                double error = work.error();
                ratios.put(name, speed.ratio());
                object.withArray("rows")
                        .addObject()
                        .put("name", speed.work())
                        .put("against", speed.against())
                        .put("milliseconds", speed.milliseconds())
                        .put("ratio", speed.ratio())
                        .put("low", speed.low())
                        .put("high", speed.high())
                        .put("error", error)
                        .put("megabytes", work.megabytes());
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
                            error,
                            work.megabytes());
                }
                progress.step();
            }
        }
        if (json) {
            out.println(object);
        }
        out.flush();
    }
}
