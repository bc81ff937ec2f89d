package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.flinksigmoid.kernels.bench.GrowthBench;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.pipelines.asr.AsrArguments;
import org.flinksigmoid.pipelines.asr.AsrOptions;
import org.flinksigmoid.pipelines.bench.BenchResult;
import org.flinksigmoid.pipelines.bench.EncoderBench;
import org.flinksigmoid.pipelines.bench.JobBench;
import org.flinksigmoid.pipelines.bench.OperatorsBench;
import org.flinksigmoid.pipelines.bench.RandomSpeechModel;
import org.flinksigmoid.pipelines.bench.SqlBench;
import org.flinksigmoid.pipelines.local.TemporaryFolder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flink-sigmoid bench}: short measurements on this machine. */
@Command(
        name = "bench",
        description = "Measure this machine: what the vector backend gains, what Flink costs.",
        footer = {
            "",
            "  flink-sigmoid bench encoder",
            "  flink-sigmoid bench job --json",
            "  flink-sigmoid bench operators --json",
            "  flink-sigmoid bench sql --json",
            "  flink-sigmoid bench calls --model large --backend tornado --streams 5000,10000",
            "  flink-sigmoid bench gpu --svg attention.svg"
        })
final class BenchCommand implements Callable<Integer> {
    /** What can be measured. */
    enum Name {
        ENCODER,
        JOB,
        BATCHING,
        OPERATORS,
        SQL,
        CPU,
        WEIGHTS,
        GROWTH,
        STREAMS,
        STARTUP,
        CALLS,
        GPU;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A checkpoint that is made, not shipped. */
    private static final String LARGE = "large";

    @Mixin private LoggingOptions logging;
    @Mixin private EngineOptions engine;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Parameters(
            paramLabel = "NAME",
            description =
                    "encoder: the vector backend against plain loops or, with --backend tornado,"
                        + " the GPU against the vector backend; job: the Flink job against a plain"
                        + " loop over the same windows; batching: the Flink job with batches of one"
                        + " against large ones; operators: the micro-batch operator's throughput,"
                        + " latency and hot swaps; sql: ML_PREDICT against the DataStream operator"
                        + " over the same texts, TRANSCRIBE against the speech job; cpu: encoders"
                        + " against ONNX Runtime, kernels against the processor's peak; weights:"
                        + " narrow weights against floats; growth: time a token against length and"
                        + " batch; streams: latency of concurrent speech streams on one core;"
                        + " startup: how soon fresh JVMs are at full speed; calls: latency of"
                        + " concurrent speech streams, more and more of them, through the whole"
                        + " Flink job; gpu: the attention kernel beside PyTorch's.")
    private Name name;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "Folder of a checkpoint, the name of a shipped model, or large: a speech model"
                        + " of 12 layers, d = 512, 8 heads, FFN 2048, with random weights, made on"
                        + " the spot. Default: digits-ctc; for operators and sql, which take a text"
                        + " model, langid.")
    private String model;

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "8192",
            description =
                    "job, batching, sql: windows or texts of each round, more than 1280 (batching:"
                            + " 10240). Default: ${DEFAULT-VALUE}.")
    private int windows;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description =
                    "job, batching, operators, sql: rounds that count, behind one that doesn't."
                            + " Default: 7, 3, 5 and 5.")
    private Integer rounds;

    @Option(
            names = "--texts",
            paramLabel = "N",
            defaultValue = "40000",
            description =
                    "operators: texts of each round, more than 1280. Default: ${DEFAULT-VALUE}.")
    private int texts;

    @Option(
            names = "--swaps",
            paramLabel = "N",
            defaultValue = "20",
            description = "operators: hot swaps, one a second. Default: ${DEFAULT-VALUE}.")
    private int swaps;

    @Option(
            names = "--streams",
            paramLabel = "N",
            split = ",",
            defaultValue = "100,200,300,400",
            description =
                    "streams, calls: how many at once, a round each; calls: ascending. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int[] streams;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "15",
            description = "streams, calls: length of a round. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--jvms",
            paramLabel = "N",
            defaultValue = "5",
            description = "startup: fresh JVMs for each of two models. Default: ${DEFAULT-VALUE}.")
    private int jvms;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            description = "calls: subtasks of each operator. Default: every processor.")
    private Integer parallelism;

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description = "calls: set an option of the operators, as for asr.")
    private Map<String, String> settings = Map.of();

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            description = "gpu, growth: where the chart goes. Default: attention.svg, growth.svg.")
    private Path svg;

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "gpu: print and draw what --json printed earlier, and measure nothing.")
    private Optional<Path> from;

    @Option(
            names = "--python",
            paramLabel = "PROGRAM",
            defaultValue = "python3",
            description = "gpu: interpreter with PyTorch. Default: ${DEFAULT-VALUE}.")
    private String python;

    @Option(
            names = "--rows",
            paramLabel = "PATTERN",
            defaultValue = "",
            description =
                    "cpu: only comparisons whose names hold a match of this regular expression."
                            + " Default: all, in a quarter of an hour.")
    private Pattern rows;

    @Option(names = "--json", description = "Print the result as one JSON object, last of all.")
    private boolean json;

    BenchCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (name == Name.CPU) {
            CpuBenchCommand.run(spec.commandLine(), json, engine.toModelOptions().threads(), rows);
            return CommandLine.ExitCode.OK;
        }
        if (name == Name.WEIGHTS) {
            WeightsBenchCommand.run(spec.commandLine(), json, engine.toModelOptions().threads());
            return CommandLine.ExitCode.OK;
        }
        if (name == Name.GROWTH) {
            int threads = engine.toModelOptions().threads();
            GrowthBenchCommand.run(out, err, json, threads, GrowthBench.ALL, chart("growth.svg"));
            return CommandLine.ExitCode.OK;
        }
        if (name == Name.GPU) {
            GpuBenchCommand.run(out, err, json, python, chart("attention.svg"), from);
            return CommandLine.ExitCode.OK;
        }
        if (name == Name.OPERATORS) {
            Path texting = ModelOption.resolve(model == null ? "langid" : model);
            OperatorsBenchCommand.run(
                    out,
                    err,
                    json,
                    texting,
                    engine.toModelOptions(),
                    texts,
                    swaps,
                    rounds(OperatorsBench.ROUNDS));
            return CommandLine.ExitCode.OK;
        }
        String standard = name == Name.SQL ? "langid" : "digits-ctc";
        Path folder =
                LARGE.equals(model)
                        ? RandomSpeechModel.LARGE.write(TemporaryFolder.path().resolve(LARGE))
                        : ModelOption.resolve(model == null ? standard : model);
        if (name == Name.STARTUP) {
            int threads = engine.toModelOptions().threads();
            StartupBenchCommand.run(out, err, json, folder, threads, jvms);
            return CommandLine.ExitCode.OK;
        }
        if (name == Name.STREAMS) {
            StreamsBenchCommand.run(
                    out, err, json, folder, engine.toModelOptions(), streams, seconds);
            return CommandLine.ExitCode.OK;
        }
        if (name == Name.CALLS) {
            AsrOptions options =
                    AsrOptions.of(folder)
                            .withEngine(engine.toModelOptions())
                            .withSettings(AsrArguments.settings(settings));
            int subtasks =
                    parallelism == null ? Runtime.getRuntime().availableProcessors() : parallelism;
            CallsBenchCommand.run(out, err, json, options, streams, seconds, subtasks);
            return CommandLine.ExitCode.OK;
        }
        BenchResult result = measure(folder, err);
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
        return CommandLine.ExitCode.OK;
    }

    private BenchResult measure(Path folder, PrintWriter err) throws Exception {
        ModelOptions options = engine.toModelOptions();
        if (name == Name.ENCODER) {
            boolean gpu = options.backend().equals(EngineOptions.BackendChoice.TORNADO.toString());
            try (Progress progress = progress(err, EncoderBench.rounds())) {
                return gpu
                        ? EncoderBench.gpu(folder, options, progress::step)
                        : EncoderBench.run(folder, options, progress::step);
            }
        }
        if (name == Name.SQL) {
            int count = rounds(SqlBench.ROUNDS);
            Path speech = ModelOption.resolve("digits-ctc");
            try (Progress progress = progress(err, SqlBench.steps(count))) {
                return SqlBench.run(folder, speech, options, windows, count, progress::step);
            }
        }
        boolean batching = name == Name.BATCHING;
        int count = rounds(batching ? JobBench.BATCHING_ROUNDS : JobBench.ROUNDS);
        try (Progress progress = progress(err, count + 1)) {
            return batching
                    ? JobBench.batching(folder, options, windows, count, progress::step)
                    : JobBench.run(folder, options, windows, count, progress::step);
        }
    }

    private Progress progress(PrintWriter err, int steps) {
        return Terminal.detect().progress(err, "bench " + name, steps);
    }

    private int rounds(int standard) {
        return rounds == null ? standard : Math.max(1, rounds);
    }

    private Path chart(String name) {
        return svg == null ? Path.of(name) : svg;
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
