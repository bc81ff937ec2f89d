package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.flinksigmoid.pipelines.WholeNumber;
import org.flinksigmoid.pipelines.bench.OperatorsBench;
import org.flinksigmoid.pipelines.bench.OperatorsResult;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid bench operators}: what the micro-batch operator costs. */
@Command(
        name = "operators",
        description = "The micro-batch operator's throughput, latency and hot swaps.")
final class OperatorsBenchCommand implements Callable<Integer> {
    @Mixin private BenchOptions bench;
    @Mixin private EngineOptions engine;
    @Mixin private TextModelOption model;
    @Mixin private RoundsOption rounds = new RoundsOption(OperatorsBench.ROUNDS);

    @Option(
            names = "--texts",
            paramLabel = "N",
            defaultValue = "40000",
            converter = BenchOptions.Results.class,
            description = "Texts of each round, 2560 or more. Default: ${DEFAULT-VALUE}.")
    private int texts;

    @Option(
            names = "--swaps",
            paramLabel = "N",
            defaultValue = "20",
            converter = WholeNumber.Times.class,
            description = "Hot swaps, one a second. Default: ${DEFAULT-VALUE}.")
    private int swaps;

    OperatorsBenchCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = bench.out();
        Path folder = model.folder();
        int count = rounds.count();
        OperatorsResult result;
        try (Progress progress = bench.progress(OperatorsBench.steps(count))) {
            result =
                    OperatorsBench.run(
                            folder,
                            engine.withOneThread(bench.command()),
                            texts,
                            swaps,
                            count,
                            progress::step);
        }
        if (bench.json()) {
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
        return CommandLine.ExitCode.OK;
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
        Map<String, Double> ratios = new LinkedHashMap<>();
        ratios.put("operator/loop", result.jobToLoop());
        ratios.put("swap/calm", swaps.swapP99Millis() / swaps.calmP99Millis());
        return ratios;
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
