package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.pipelines.local.LocalSink;
import org.flinksigmoid.pipelines.scoring.ScoreJson;
import org.flinksigmoid.pipelines.scoring.ScoringArguments;
import org.flinksigmoid.pipelines.scoring.ScoringOptions;
import org.flinksigmoid.pipelines.scoring.ScoringTopology;
import org.flinksigmoid.pipelines.sink.JsonLines;
import org.flinksigmoid.pipelines.source.BadInput;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flink-sigmoid score}: the scoring job on an embedded Flink. */
@Command(
        name = "score",
        description = "Score or classify texts, line by line, as a Flink job inside this process.",
        footer = {
            "",
            "The INPUT - is standard input.",
            "",
            "  echo 'Guten Tag allerseits' | flink-sigmoid score -",
            "  flink-sigmoid score --model spam --output scores/ mails.jsonl",
            "  flink-sigmoid score --sessions 5min --growing chats.jsonl",
            "  flink-sigmoid score --prefixes 8,16,32 lines.txt"
        })
final class ScoreCommand implements Callable<Integer> {
    /** Numbers of an embedding that a line has room for. */
    private static final int SHOWN = 6;

    @Mixin private LoggingOptions logging;
    @Mixin private EngineOptions engine;
    @Mixin private TextModelOption model;
    @Mixin private JobOptions job;
    @Mixin private ScoringArguments arguments;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    ScoreCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        ScoringOptions options =
                ScoringOptions.of(model.folder())
                        .withEngine(engine.toModelOptions())
                        .withSettings(arguments.settings());
        engine.select();
        StreamExecutionEnvironment env = job.environment();
        ScoringArguments.Texts texts = arguments.read(env, job.limit(), true);
        ScoringTopology.Results results = ScoringTopology.score(texts.messages(), options);
        Problems problems = new Problems(err);
        Consumer<Score> printer =
                score -> {
                    if (job.output().isPresent()) {
                        return;
                    }
                    out.println(job.json() ? ScoreJson.line(score) : line(score));
                    StandardOutput.flush(out);
                };
        try (LocalSink<BadInput> badSink = LocalSink.to(BadInput.class, problems);
                LocalSink<Score> sink = LocalSink.to(Score.class, problems.counting(printer))) {
            results.problems().union(texts.problems()).sinkTo(badSink);
            if (job.output().isPresent()) {
                Path folder = job.output().get();
                JsonLines.write(results.scores(), ScoreJson::line, folder.resolve("scores"));
            }
            results.scores().sinkTo(sink);
            return problems.summarise(job.run(env, "score", err));
        }
    }

    private static String line(Score score) {
        return "%s %s  %s"
                .formatted(
                        Printable.of(score.key()),
                        Printable.of(score.id()),
                        isEmbedding(score) ? beginning(score.scores()) : best(score));
    }

    private static boolean isEmbedding(Score score) {
        return score.label().isEmpty() && score.scores().length > 1;
    }

    private static String best(Score score) {
        return String.format(Locale.ROOT, "%s %.3f", Printable.of(score.label()), score.score());
    }

    private static String beginning(float[] embedding) {
        StringJoiner numbers = new StringJoiner(" ", "[", "]");
        for (int i = 0; i < Math.min(SHOWN, embedding.length); i++) {
            numbers.add(String.format(Locale.ROOT, "%.3f", embedding[i]));
        }
        return embedding.length > SHOWN
                ? numbers.add("...") + " (all " + embedding.length + " with --json)"
                : numbers.toString();
    }
}
