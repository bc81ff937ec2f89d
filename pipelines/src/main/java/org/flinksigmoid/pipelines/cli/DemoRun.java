package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.pipelines.asr.AsrOptions;
import org.flinksigmoid.pipelines.asr.AsrTopology;
import org.flinksigmoid.pipelines.evaluation.LabelledStream;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;
import org.flinksigmoid.pipelines.local.JobMetrics;
import org.flinksigmoid.pipelines.local.LocalSink;
import org.flinksigmoid.pipelines.scoring.ScoringOptions;
import org.flinksigmoid.pipelines.scoring.ScoringTopology;
import org.flinksigmoid.pipelines.scoring.TextFormat;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.InputSource;
import org.flinksigmoid.pipelines.source.StreamInput;

/** The demo's two jobs and what was measured of them. */
final class DemoRun {
    private static final int TEXTS_PER_SECOND = 10;
    private static final int SHOWN_CHARACTERS = 56;

    private final PrintWriter out;
    private final ModelOptions engine;
    private final boolean fast;

    DemoRun(PrintWriter out, ModelOptions engine, boolean fast) {
        this.out = out;
        this.engine = engine;
        this.fast = fast;
    }

    /**
     * What came out of the speech job.
     *
     * @param summary lines for people
     * @param silent streams of which no text came
     */
    record Speech(List<String> summary, List<String> silent) {}

    /**
     * What came out of the scoring job.
     *
     * @param summary lines for people
     */
    record Texts(List<String> summary) {}

    Speech speech(List<LabelledStream> streams, Path model) throws Exception {
        JobMetrics.reset();
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
        List<StreamInput> inputs = streams.stream().map(LabelledStream::input).toList();
        AudioClock clock = new AudioClock();
        DemoTranscripts heard = new DemoTranscripts(streams, fast);
        TranscriptConsole console = new TranscriptConsole(out, Terminal.detect().outIsTerminal());
        Problems problems = new Problems(out);
        SingleOutputStreamOperator<AudioChunk> audio =
                new InputSource<>(inputs, DemoCommand.format(), options(inputs.size()))
                        .addTo(env, "audio", TypeInformation.of(AudioChunk.class));
        AsrTopology.Results results =
                AsrTopology.transcribe(audio, AsrOptions.of(model).withEngine(engine));
        long started = System.nanoTime();
        try (LocalSink<AudioChunk> clockSink = LocalSink.to(AudioChunk.class, clock);
                LocalSink<BadInput> badSink = LocalSink.to(BadInput.class, problems);
                LocalSink<Transcript> sink =
                        LocalSink.to(
                                Transcript.class,
                                transcript -> {
                                    heard.accept(transcript);
                                    console.accept(transcript);
                                })) {
            audio.sinkTo(clockSink);
            results.problems().union(audio.getSideOutput(BadInput.TAG)).sinkTo(badSink);
            results.transcripts().sinkTo(sink);
            env.execute("flink-sigmoid demo: speech");
        }
        double wallSeconds = (System.nanoTime() - started) / 1e9;
        return new Speech(DemoSummary.speech(clock.seconds(), wallSeconds, heard), heard.silent());
    }

    Texts texts(DemoTexts texts, Path languageModel, Path spamModel) throws Exception {
        JobMetrics.reset();
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
        StreamInput input = new StreamInput("texts", List.of(texts.file().toString()));
        SingleOutputStreamOperator<TextMessage> messages =
                new InputSource<>(
                                List.of(input),
                                new TextFormat(TextFormat.Syntax.JSON, TEXTS_PER_SECOND),
                                options(1))
                        .addTo(env, "texts", TypeInformation.of(TextMessage.class));
        Problems problems = new Problems(out);
        try (LocalSink<Score> sink = LocalSink.to(Score.class, score -> print(score, texts));
                LocalSink<BadInput> badSink = LocalSink.to(BadInput.class, problems)) {
            score(messages, DemoTexts.LANGUAGE, languageModel)
                    .union(score(messages, DemoTexts.MAIL, spamModel))
                    .sinkTo(sink);
            messages.getSideOutput(BadInput.TAG).sinkTo(badSink);
            env.execute("flink-sigmoid demo: texts");
        }
        return new Texts(DemoSummary.texts());
    }

    private DataStream<Score> score(DataStream<TextMessage> messages, String key, Path model) {
        return ScoringTopology.score(
                        messages.filter(message -> message.key().equals(key)).name(key),
                        ScoringOptions.of(model).withEngine(engine).withName(key))
                .scores();
    }

    private InputSource.Options options(int streams) {
        return fast ? InputSource.Options.fast() : InputSource.Options.realTime(streams);
    }

    private void print(Score score, DemoTexts texts) {
        String text = texts.text(score.id());
        String shown =
                text.codePointCount(0, text.length()) <= SHOWN_CHARACTERS
                        ? text
                        : text.substring(0, text.offsetByCodePoints(0, SHOWN_CHARACTERS - 3))
                                + "...";
        // A model with one output says how sure it is of its one label.
        boolean unsure = score.scores().length == 1 && score.score() < 0.5f;
        String label = unsure ? "not " + score.label() : score.label();
        float probability = unsure ? 1 - score.score() : score.score();
        out.printf(Locale.ROOT, "%-9s %-9s %.3f  %s%n", score.key(), label, probability, shown);
        StandardOutput.flush(out);
    }
}
