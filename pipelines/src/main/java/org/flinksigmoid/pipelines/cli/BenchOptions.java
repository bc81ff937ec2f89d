package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import org.flinksigmoid.pipelines.WholeNumber;
import org.flinksigmoid.pipelines.bench.BenchResult;
import org.flinksigmoid.pipelines.bench.JobBench;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every measurement takes, and where its result goes. */
final class BenchOptions {
    /** Enough results for a rate, and fewer than are too many for one array. */
    static final class Results extends WholeNumber {
        Results() {
            super(JobBench.LEAST, MOST_RESULTS);
        }
    }

    /** The same where one side of a comparison has a share of them only. */
    static final class ManyResults extends WholeNumber {
        ManyResults() {
            super(JobBench.LEAST_BATCHED, MOST_RESULTS);
        }
    }

    private static final int MOST_RESULTS = 1_000_000_000;

    @Mixin private LoggingOptions logging;

    @Option(names = "--json", description = "Print the result as one JSON object, last of all.")
    private boolean json;

    @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
    private CommandLine.Model.CommandSpec command;

    BenchOptions() {}

    CommandLine.Model.CommandSpec command() {
        return command;
    }

    boolean json() {
        return json;
    }

    PrintWriter out() {
        return command.commandLine().getOut();
    }

    PrintWriter err() {
        return command.commandLine().getErr();
    }

    Progress progress(int steps) {
        return Terminal.detect().progress(err(), "bench " + command.name(), steps);
    }

    /** Prints what was measured. */
    void print(BenchResult result) {
        PrintWriter out = out();
        if (json) {
            out.println(toJson(result));
        } else {
            for (BenchResult.Row row : result.rows()) {
                out.printf(
                        Locale.ROOT,
                        "%-20s %10.1f %s/s  (%.1f to %.1f)%n",
                        row.name(),
                        row.perSecond(),
                        row.unit(),
                        row.slowest(),
                        row.fastest());
            }
            result.ratios()
                    .forEach(
                            (what, ratio) ->
                                    out.printf(Locale.ROOT, "%-20s %10.3f%n", what, ratio));
        }
        StandardOutput.flush(out);
    }

    private static ObjectNode toJson(BenchResult result) {
        ObjectNode object = Json.object().put("bench", result.bench());
        ObjectNode ratios = object.putObject("ratios");
        result.ratios().forEach(ratios::put);
        for (BenchResult.Row row : result.rows()) {
            object.withArray("rows")
                    .addObject()
                    .put("name", row.name())
                    .put(row.unit() + "_per_second", row.perSecond())
                    .put("slowest", row.slowest())
                    .put("fastest", row.fastest());
        }
        return object;
    }
}
