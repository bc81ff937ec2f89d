package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.pipelines.bench.OperatorsBench;
import org.flinksigmoid.pipelines.bench.OperatorsResult;

/** {@code flink-sigmoid bench operators}: what the micro-batch operator costs. */
final class OperatorsBenchCommand {
    private OperatorsBenchCommand() {}

    /**
     * Measures and prints.
     *
     * @param folder a text checkpoint
     * @param texts of each round at saturation
     * @param swaps hot swaps, one a second
     * @param rounds at saturation that count
     */
    static void run(
            PrintWriter out,
            PrintWriter err,
            boolean json,
            Path folder,
            ModelOptions options,
            int texts,
            int swaps,
            int rounds)
            throws Exception {
        OperatorsResult result;
        try (Progress progress =
                Terminal.detect().progress(err, "bench operators", OperatorsBench.steps(rounds))) {
            result = OperatorsBench.run(folder, options, texts, swaps, rounds, progress::step);
        }
        if (json) {
            out.println(toJson(result));
        } else {
            rows(result)
                    .forEach(
                            (name, value) ->
                                    out.printf(Locale.ROOT, "%-44s %10.2f%n", name, value));
            ratios(result)
                    .forEach(
                            (name, value) ->
                                    out.printf(Locale.ROOT, "%-44s %10.3f%n", name, value));
        }
        out.flush();
    }

    private static ObjectNode toJson(OperatorsResult result) {
        ObjectNode object = Json.object().put("bench", "operators");
        ObjectNode ratios = object.putObject("ratios");
        ratios(result).forEach(ratios::put);
        rows(result)
                .forEach(
                        (name, value) ->
                                object.withArray("rows")
                                        .addObject()
                                        .put("name", name)
                                        .put("value", value));
        return object;
    }

    private static Map<String, Double> ratios(OperatorsResult result) {
        OperatorsResult.Swaps swaps = result.swaps();
        return Map.of(
                "operator/loop",
                result.jobToLoop(),
                "swap/calm",
                swaps.swapP99Millis() / swaps.calmP99Millis());
    }

    private static Map<String, Double> rows(OperatorsResult result) {
        Map<String, Double> rows = new LinkedHashMap<>();
        rows.put("plain loop, texts/s", result.loopPerSecond());
        rows.put("operator at saturation, texts/s", result.jobPerSecond());
        OperatorsResult.Latency latency = result.latency();
        rows.put("a tenth of the load, texts/s", latency.perSecond());
        rows.put("a tenth of the load, engine p99, ms", (double) latency.callP99Millis());
        rows.put("a tenth of the load, operator p99, ms", (double) latency.recordP99Millis());
        rows.put("a tenth of the load, added p99, ms", (double) latency.addedMillis());
        rows.put("linger, ms", (double) latency.lingerMillis());
        OperatorsResult.Swaps swaps = result.swaps();
        rows.put("half the load, texts/s", swaps.perSecond());
        rows.put("half the load, hot swaps", (double) swaps.accepted());
        rows.put("half the load, texts lost", (double) swaps.lost());
        rows.put("half the load, calm p99, ms", swaps.calmP99Millis());
        rows.put("half the load, p99 while swapping, ms", swaps.swapP99Millis());
        return rows;
    }
}
