package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.flinksigmoid.kernels.bench.Comparison;
import org.flinksigmoid.kernels.bench.CpuBench;

/** {@code flink-sigmoid bench cpu}: interleaved pairs with ONNX Runtime and with the hardware. */
final class CpuBenchCommand {
    private CpuBenchCommand() {}

    /** Measures and prints. */
    static void run(PrintWriter out, PrintWriter err, boolean json, int threads) {
        List<Comparison> rows;
        if (CpuBench.suites().isEmpty()) {
            err.println(
                    "bench cpu: without ONNX Runtime, products and the unfused form, which only"
                            + " bin/flink-sigmoid of a source tree puts on the class path");
        }
        try (Progress progress =
                Terminal.detect().progress(err, "bench cpu", CpuBench.comparisons())) {
            rows = CpuBench.run(threads, row -> progress.step());
        }
        ObjectNode object = Json.object().put("bench", "cpu");
        ObjectNode ratios = object.putObject("ratios");
        for (Comparison row : rows) {
            ratios.put(row.work() + " / " + row.against(), row.ratio());
            object.withArray("rows")
                    .addObject()
                    .put("name", row.work())
                    .put("against", row.against())
                    .put("gflops", row.gflops())
                    .put("milliseconds", row.milliseconds())
                    .put("ratio", row.ratio())
                    .put("low", row.low())
                    .put("high", row.high());
            if (!json) {
                out.printf(
                        Locale.ROOT,
                        "%-48s %7.1f GFLOP/s  %6.2f (%.2f to %.2f) of %s%n",
                        row.work(),
                        row.gflops(),
                        row.ratio(),
                        row.low(),
                        row.high(),
                        row.against());
            }
        }
        if (json) {
            out.println(object);
        }
        out.flush();
    }
}
