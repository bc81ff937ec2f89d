package org.flinksigmoid.operators.cookbook;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.Models;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.flinksigmoid.operators.types.ModelEvent;
import org.flinksigmoid.operators.types.ModelUpdate;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;
import org.flinksigmoid.operators.window.SpeechWindows;
import org.flinksigmoid.operators.window.TextWindows;
import org.flinksigmoid.operators.window.TranscriptAssembler;

/** The module's README in Java, with what its lines take as given for parameters. */
final class ReadmeExamples {
    private ReadmeExamples() {}

    static SingleOutputStreamOperator<Score> tenLines(
            DataStream<TextMessage> messages,
            String modelFolder,
            Sink<Score> results,
            Sink<DeadLetter<TextMessage>> failures) {
        OutputTag<DeadLetter<TextMessage>> bad =
                MicroBatchInference.deadLetterTag("bad", messages.getType());
        SingleOutputStreamOperator<Score> scores =
                MicroBatchInference.of(
                                TextInference.messages(modelFolder, ModelOptions.defaults()),
                                Score.class)
                        .uid("langid")
                        .maxBatchSize(64)
                        .batchTimeout(Duration.ofMillis(5))
                        .deadLetters(bad)
                        .apply(messages.keyBy(TextMessage::key));
        scores.sinkTo(results);
        scores.getSideOutput(bad).sinkTo(failures);
        return scores;
    }

    static void newModels(
            DataStream<TextMessage> messages,
            String modelFolder,
            ModelOptions options,
            DataStream<ModelUpdate> updates,
            OutputTag<ModelEvent> events) {
        Models<TextMessage, Score> models =
                Models.of(
                                modelFolder,
                                at -> TextInference.messages(at, options)) // loaded at the start
                        .watch(Duration.ofSeconds(10)); // and when a new one lies there
        MicroBatchInference.of(models, Score.class)
                .control(updates) // DataStream<ModelUpdate>, broadcast to all subtasks
                .modelEvents(
                        events) // OutputTag<ModelEvent>: in use or refused, why, how long it took
                .apply(messages.keyBy(TextMessage::key));
    }

    static void windows(
            DataStream<AudioChunk> chunks,
            DataStream<WindowLogProbs> logProbs,
            DataStream<TextMessage> messages,
            String modelFolder) {
        PreprocessorConfig preprocessor = PreprocessorConfig.read(Path.of(modelFolder));
        SingleOutputStreamOperator<FeatureWindow> windows =
                SpeechWindows.of(preprocessor).apply(chunks);
        SingleOutputStreamOperator<Transcript> texts =
                TranscriptAssembler.of(preprocessor, CtcLabels.DIGITS).apply(logProbs);
        DataStream<TextMessage> conversations =
                TextWindows.sessions(Duration.ofMinutes(5)).growing().apply(messages);
    }
}
