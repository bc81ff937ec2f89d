package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.flinksigmoid.kernels.checkpoint.Task;
import org.flinksigmoid.kernels.model.TextModel;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.pipelines.WholeNumber;
import org.flinksigmoid.pipelines.evaluation.LabelledText;
import org.flinksigmoid.pipelines.evaluation.TextReport;
import org.flinksigmoid.pipelines.scoring.ScoringOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid evaluate score}: the scoring job over labelled texts. */
@Command(
        name = "score",
        description = "Run the scoring job over labelled texts and print accuracy and AUC.",
        footer = {"", "  flink-sigmoid evaluate score --model langid --data texts.tsv --prefix 20"})
final class EvaluateScoreCommand implements Callable<Integer> {
    @Mixin private LoggingOptions logging;
    @Mixin private EngineOptions engine;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            required = true,
            description = "Folder of a checkpoint, or the name of a shipped model.")
    private String model;

    @Option(
            names = "--data",
            paramLabel = "FILE.tsv",
            required = true,
            description = "Lines label<TAB>text, UTF-8.")
    private Path data;

    @Option(
            names = "--prefix",
            paramLabel = "N",
            converter = WholeNumber.Positive.class,
            description = "Score only the first N characters of each text.")
    private Integer prefix;

    @Option(names = "--json", description = "Print the result as one JSON object, last of all.")
    private boolean json;

    EvaluateScoreCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path folder = ModelOption.resolve(model);
        int characters = prefix == null ? Integer.MAX_VALUE : prefix;
        List<LabelledText> texts = LabelledText.read(data, characters);
        TextReport report = report(folder);
        report.requireKnown(data, texts);
        String backend = engine.select().provider().name();
        Map<String, Score> scores = new ConcurrentHashMap<>();
        Problems problems = new Problems(err);
        ScoringOptions options = ScoringOptions.of(folder).withEngine(engine.toModelOptions());
        try (Progress progress = Terminal.detect().progress(err, "scoring texts", texts.size())) {
            EvaluationJobs.score(
                    data,
                    characters,
                    options,
                    problems.counting(
                            score -> {
                                scores.put(score.id(), score);
                                progress.step();
                            }),
                    problems);
        }
        int code = problems.summarise(CommandLine.ExitCode.OK);
        String weights = engine.toModelOptions().weights().toString();
        fill(report, texts, scores);
        if (json) {
            out.println(toJson(report, backend, weights));
        } else {
            report.table().stream().map(Printable::of).forEach(out::println);
            out.printf(
                    Locale.ROOT,
                    "AUC %.4f, backend %s, weights %s%n",
                    report.areaUnderCurve(),
                    backend,
                    weights);
        }
        StandardOutput.flush(out);
        return code;
    }

    private TextReport report(Path folder) {
        try (TextModel loaded =
                TextModel.load(folder, engine.toModelOptions().withBackend("scalar"))) {
            if (loaded.task() == Task.EMBEDDING) {
                throw new IllegalArgumentException(
                        folder + ": expected a model that scores or classifies, found embeddings");
            }
            return new TextReport(loaded.labels(), loaded.outputWidth() == 1);
        }
    }

    private static void fill(
            TextReport report, List<LabelledText> texts, Map<String, Score> scores) {
        for (int i = 0; i < texts.size(); i++) {
            Score score = scores.get(Integer.toString(i));
            if (score == null) {
                report.addMissing(texts.get(i).label());
            } else {
                report.add(texts.get(i).label(), score);
            }
        }
    }

    private static ObjectNode toJson(TextReport report, String backend, String weights) {
        ObjectNode object = Json.object();
        object.put("accuracy", report.accuracy());
        double area = report.areaUnderCurve();
        if (Double.isNaN(area)) {
            object.putNull("auc");
        } else {
            object.put("auc", area);
        }
        return object.put("rows", report.rows()).put("backend", backend).put("weights", weights);
    }
}
