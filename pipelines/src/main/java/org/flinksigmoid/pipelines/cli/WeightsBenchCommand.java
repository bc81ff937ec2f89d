package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.flinksigmoid.kernels.bench.Comparison;
import org.flinksigmoid.kernels.bench.Comparisons;
import org.flinksigmoid.kernels.bench.WeightsWork;
import org.flinksigmoid.pipelines.local.TemporaryFolder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flink-sigmoid bench weights}: narrow weights against floats, speed, error, memory. */
@Command(name = "weights", description = "Narrow weights against floats: speed, error, memory.")
final class WeightsBenchCommand implements Callable<Integer> {
    @Mixin private BenchOptions bench;
    @Mixin private ThreadsOption threads;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    WeightsBenchCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = bench.out();
        Comparisons comparisons = CpuBenchCommand.find(spec.commandLine());
        List<WeightsWork> works = WeightsWork.all(threads.count());
        ObjectNode object = Json.object().put("bench", "weights");
        ObjectNode ratios = object.putObject("ratios");
        try (Progress progress = bench.progress(works.size())) {
            for (WeightsWork work : works) {
                String name = work.name() + " / " + WeightsWork.AGAINST;
                Comparison speed =
                        comparisons.measure(
                                Comparisons.Table.WEIGHTS,
                                threads.count(),
                                name,
                                TemporaryFolder.path());
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
                if (!bench.json()) {
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
                    StandardOutput.flush(out); // or nobody reads what would take minutes more
                }
                progress.step();
            }
        }
        if (bench.json()) {
            out.println(object);
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }
}
