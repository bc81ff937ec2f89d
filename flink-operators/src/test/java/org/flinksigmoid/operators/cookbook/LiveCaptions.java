package org.flinksigmoid.operators.cookbook;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.SpeechInference;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;
import org.flinksigmoid.operators.window.SpeechWindows;
import org.flinksigmoid.operators.window.TranscriptAssembler;

/** Chunks of audio to transcripts; what comes too late leaves by the side. */
record LiveCaptions(DataStream<Transcript> captions, DataStream<AudioChunk> late) {
    static LiveCaptions of(DataStream<AudioChunk> chunks, String model) {
        PreprocessorConfig frontEnd = PreprocessorConfig.read(Path.of(model));
        SingleOutputStreamOperator<FeatureWindow> windows =
                SpeechWindows.of(frontEnd).allowedLateness(Duration.ofSeconds(1)).apply(chunks);
        DataStream<WindowLogProbs> encoded =
                MicroBatchInference.of(
                                new SpeechInference(model, ModelOptions.defaults()),
                                WindowLogProbs.class)
                        .uid("encoder")
                        .apply(windows.keyBy(FeatureWindow::streamId));
        DataStream<Transcript> captions =
                TranscriptAssembler.of(frontEnd, CtcLabels.DIGITS).apply(encoded);
        return new LiveCaptions(captions, windows.getSideOutput(SpeechWindows.LATE));
    }
}
