package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
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

    private static final String SPEECH_MODEL = "digits-ctc";
    private static final String TEXT_MODEL = "langid";

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
        CommandLine line = spec.commandLine();
        PrintWriter out = line.getOut();
        PrintWriter err = line.getErr();
        ModelOptions options = engine.toModelOptions();
        int threads = options.threads();
        switch (name) {
            case ENCODER -> print(out, encoder(err, options));
            case JOB -> print(out, job(err, options));
            case BATCHING -> print(out, batching(err, options));
            case SQL -> print(out, sql(err, options));
            case CPU -> CpuBenchCommand.run(line, json, threads, rows);
            case WEIGHTS -> WeightsBenchCommand.run(line, json, threads);
            case GROWTH ->
                    GrowthBenchCommand.run(
                            out, err, json, threads, GrowthBench.ALL, chart("growth.svg"));
            case GPU -> GpuBenchCommand.run(out, err, json, python, chart("attention.svg"), from);
            case OPERATORS ->
                    OperatorsBenchCommand.run(
                            out,
                            err,
                            json,
                            model(TEXT_MODEL),
                            options,
                            texts,
                            swaps,
                            rounds(OperatorsBench.ROUNDS));
            case STARTUP ->
                    StartupBenchCommand.run(out, err, json, model(SPEECH_MODEL), threads, jvms);
            case STREAMS ->
                    StreamsBenchCommand.run(
                            out, err, json, model(SPEECH_MODEL), options, streams, seconds);
            case CALLS -> calls(out, err, options);
        }
        return CommandLine.ExitCode.OK;
    }

    /** The checkpoint's folder. */
    private Path model(String standard) throws IOException {
        return LARGE.equals(model)
                ? RandomSpeechModel.LARGE.write(TemporaryFolder.path().resolve(LARGE))
                : ModelOption.resolve(model == null ? standard : model);
    }

    private BenchResult encoder(PrintWriter err, ModelOptions options) throws IOException {
        Path folder = model(SPEECH_MODEL);
        boolean gpu = options.backend().equals(EngineOptions.BackendChoice.TORNADO.toString());
        try (Progress progress = progress(err, EncoderBench.rounds())) {
            return gpu
                    ? EncoderBench.gpu(folder, options, progress::step)
                    : EncoderBench.run(folder, options, progress::step);
        }
    }

    private BenchResult job(PrintWriter err, ModelOptions options) throws Exception {
        int count = rounds(JobBench.ROUNDS);
        try (Progress progress = progress(err, count + 1)) {
            return JobBench.run(model(SPEECH_MODEL), options, windows, count, progress::step);
        }
    }

    private BenchResult batching(PrintWriter err, ModelOptions options) throws Exception {
        int count = rounds(JobBench.BATCHING_ROUNDS);
        try (Progress progress = progress(err, count + 1)) {
            return JobBench.batching(model(SPEECH_MODEL), options, windows, count, progress::step);
        }
    }

    private BenchResult sql(PrintWriter err, ModelOptions options) throws Exception {
        int count = rounds(SqlBench.ROUNDS);
        Path speech = ModelOption.resolve(SPEECH_MODEL);
        try (Progress progress = progress(err, SqlBench.steps(count))) {
            return SqlBench.run(model(TEXT_MODEL), speech, options, windows, count, progress::step);
        }
    }

    private void calls(PrintWriter out, PrintWriter err, ModelOptions options) throws Exception {
        AsrOptions job =
                AsrOptions.of(model(SPEECH_MODEL))
                        .withEngine(options)
                        .withSettings(AsrArguments.settings(settings));
        int subtasks =
                parallelism == null ? Runtime.getRuntime().availableProcessors() : parallelism;
        CallsBenchCommand.run(out, err, json, job, streams, seconds, subtasks);
    }

    private void print(PrintWriter out, BenchResult result) throws IOException {
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
