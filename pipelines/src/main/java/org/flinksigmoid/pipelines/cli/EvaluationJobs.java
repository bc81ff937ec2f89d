package org.flinksigmoid.pipelines.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.pipelines.asr.AsrOptions;
import org.flinksigmoid.pipelines.asr.AsrTopology;
import org.flinksigmoid.pipelines.asr.AudioFormat;
import org.flinksigmoid.pipelines.evaluation.LabelledTextFormat;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;
import org.flinksigmoid.pipelines.local.LocalSink;
import org.flinksigmoid.pipelines.scoring.ScoringOptions;
import org.flinksigmoid.pipelines.scoring.ScoringTopology;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.InputSource;
import org.flinksigmoid.pipelines.source.StreamInput;

/** The real jobs, run once over given inputs on an embedded Flink, as fast as they go. */
final class EvaluationJobs {
    private EvaluationJobs() {}

    /** Transcribes streams; results arrive at the consumers while the job runs. */
    static void transcribe(
            List<StreamInput> inputs,
            AudioFormat format,
            AsrOptions options,
            Consumer<Transcript> transcripts,
            Consumer<BadInput> problems)
            throws Exception {
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
        SingleOutputStreamOperator<AudioChunk> audio =
                new InputSource<>(inputs, format, InputSource.Options.fast())
                        .addTo(env, "audio", TypeInformation.of(AudioChunk.class));
        AsrTopology.Results results = AsrTopology.transcribe(audio, options);
        try (LocalSink<Transcript> sink = LocalSink.to(Transcript.class, transcripts);
                LocalSink<BadInput> badSink = LocalSink.to(BadInput.class, problems)) {
            results.transcripts().sinkTo(sink);
            results.problems().union(audio.getSideOutput(BadInput.TAG)).sinkTo(badSink);
            env.execute("flink-sigmoid evaluate asr");
        }
    }

    /** Scores the texts of a labelled file; results arrive while the job runs. */
    static void score(
            Path file,
            int prefix,
            ScoringOptions options,
            Consumer<Score> scores,
            Consumer<BadInput> problems)
            throws Exception {
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
        SingleOutputStreamOperator<TextMessage> texts =
                new InputSource<>(
                                LabelledTextFormat.inputs(file),
                                new LabelledTextFormat(prefix),
                                InputSource.Options.fast())
                        .addTo(env, "texts", TypeInformation.of(TextMessage.class));
        ScoringTopology.Results results = ScoringTopology.score(texts, options);
        try (LocalSink<Score> sink = LocalSink.to(Score.class, scores);
                LocalSink<BadInput> badSink = LocalSink.to(BadInput.class, problems)) {
            results.scores().sinkTo(sink);
            results.problems().union(texts.getSideOutput(BadInput.TAG)).sinkTo(badSink);
            env.execute("flink-sigmoid evaluate score");
        }
    }
}
