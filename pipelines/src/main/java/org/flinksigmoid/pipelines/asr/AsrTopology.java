package org.flinksigmoid.pipelines.asr;

import java.util.Locale;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.operators.inference.InferenceOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.Order;
import org.flinksigmoid.operators.inference.SpeechInference;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;
import org.flinksigmoid.operators.window.AudioGap;
import org.flinksigmoid.operators.window.SpeechWindowOptions;
import org.flinksigmoid.operators.window.SpeechWindows;
import org.flinksigmoid.operators.window.TranscriptAssembler;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.PlausibleWatermarks;

/**
 * Audio in, transcripts out: chunks are cut into overlapping windows, windows of all streams run
 * through the encoder in batches, their log-probabilities are stitched and decoded per stream.
 */
public final class AsrTopology {
    private static final OutputTag<DeadLetter<FeatureWindow>> FAILED_WINDOWS =
            MicroBatchInference.deadLetterTag(
                    "failed-windows", TypeInformation.of(FeatureWindow.class));

    private AsrTopology() {}

    /**
     * What the job gives.
     *
     * @param windows log-probabilities of every window, those of a stream in order
     * @param transcripts results, those of a stream in order
     * @param problems audio that was late, missing, unusable or could not be inferred, with reasons
     */
    public record Results(
            SingleOutputStreamOperator<WindowLogProbs> windows,
            SingleOutputStreamOperator<Transcript> transcripts,
            DataStream<BadInput> problems) {}

    /**
     * A whole job; problems are only counted in the operators' metrics.
     *
     * @param source of audio chunks, with {@link AudioChunk#timestampMillis} as event time; one
     *     further ahead of the others than {@link SpeechWindowOptions#MAX_AHEAD} makes nothing
     *     late. A partition that is silent holds event time back, and with it the ends of streams:
     *     where there may be such, {@link #transcribe} takes a strategy that knows idleness
     * @param sink takes the transcripts
     * @return what else can be attached to
     * @throws org.flinksigmoid.kernels.checkpoint.CheckpointException if the checkpoint is unusable
     * @throws IllegalArgumentException on settings that contradict each other, naming their keys
     */
    public static Results build(
            StreamExecutionEnvironment env,
            Source<AudioChunk, ?, ?> source,
            Sink<Transcript> sink,
            AsrOptions options) {
        WatermarkStrategy<AudioChunk> eventTime =
                PlausibleWatermarks.<AudioChunk>strategy(
                                options.settings().get(SpeechWindowOptions.MAX_AHEAD))
                        .withTimestampAssigner((chunk, before) -> chunk.timestampMillis());
        Results results =
                transcribe(
                        env.fromSource(
                                        source,
                                        eventTime,
                                        "audio",
                                        TypeInformation.of(AudioChunk.class))
                                .uid(options.uid("audio")),
                        options);
        results.transcripts().sinkTo(sink).name("transcripts").uid(options.uid("transcripts-sink"));
        return results;
    }

    /**
     * The part between source and sink, for a pipeline of your own.
     *
     * @param chunks with event time and watermarks, {@link PlausibleWatermarks} where each caller
     *     has a clock of its own
     * @throws org.flinksigmoid.kernels.checkpoint.CheckpointException if the checkpoint is unusable
     * @throws IllegalArgumentException on settings that contradict each other, naming their keys
     */
    public static Results transcribe(DataStream<AudioChunk> chunks, AsrOptions options) {
        requireOrder(options);
        Description model = Description.read(options);
        SingleOutputStreamOperator<FeatureWindow> windows =
                SpeechWindows.of(model.preprocessor())
                        .options(options.settings())
                        .name(options.title("speech windows"))
                        .uid(options.uid("speech-windows"))
                        .apply(chunks);
        SingleOutputStreamOperator<WindowLogProbs> encoded =
                MicroBatchInference.of(
                                new SpeechInference(options.model().toString(), options.engine())
                                        .expecting(model.preprocessor(), model.labels()),
                                WindowLogProbs.class)
                        .deadLetters(FAILED_WINDOWS)
                        .options(options.settings())
                        .name(options.title("encoder"))
                        .uid(options.uid("encoder"))
                        .apply(windows.keyBy(FeatureWindow::streamId));
        SingleOutputStreamOperator<Transcript> transcripts =
                TranscriptAssembler.of(model.preprocessor(), model.labels())
                        .partials(options.partials())
                        .options(options.settings())
                        .name(options.title("transcripts"))
                        .uid(options.uid("transcripts"))
                        .apply(encoded);
        return new Results(encoded, transcripts, problems(options, windows, encoded));
    }

    /** A window that overtakes another would be missing in its transcript, without a word. */
    private static void requireOrder(AsrOptions options) {
        Order order = options.settings().get(InferenceOptions.ORDER);
        if (order != Order.PER_KEY) {
            throw new IllegalArgumentException(
                    "%s: expected per_key, as the windows of a stream are heard in order, found %s"
                            .formatted(
                                    InferenceOptions.ORDER.key(),
                                    order.name().toLowerCase(Locale.ROOT)));
        }
    }

    private static DataStream<BadInput> problems(
            AsrOptions options,
            SingleOutputStreamOperator<FeatureWindow> windows,
            SingleOutputStreamOperator<WindowLogProbs> encoded) {
        var late = windows.getSideOutput(SpeechWindows.LATE);
        var gaps = windows.getSideOutput(SpeechWindows.GAPS);
        var rejected = windows.getSideOutput(SpeechWindows.REJECTED);
        var failed = encoded.getSideOutput(FAILED_WINDOWS);
        return bad(late, AsrTopology::late, "late-audio", options)
                .union(
                        bad(rejected, AsrTopology::rejected, "rejected-audio", options),
                        bad(gaps, AsrTopology::gap, "audio-gaps", options),
                        bad(failed, AsrTopology::failed, "failed-windows", options));
    }

    private static <T> DataStream<BadInput> bad(
            DataStream<T> inputs,
            MapFunction<T, BadInput> reason,
            String what,
            AsrOptions options) {
        return inputs.map(reason)
                .returns(TypeInformation.of(BadInput.class))
                .name(options.title(what))
                .uid(options.uid(what));
    }

    private static BadInput late(AudioChunk chunk) {
        return new BadInput(
                "%s chunk %d".formatted(chunk.streamId(), chunk.sequence()),
                "it came after its place was given up");
    }

    private static BadInput rejected(DeadLetter<AudioChunk> letter) {
        AudioChunk chunk = letter.original();
        return new BadInput(
                "%s chunk %d".formatted(chunk.streamId(), chunk.sequence()), letter.reason());
    }

    private static BadInput gap(AudioGap gap) {
        return new BadInput(
                gap.streamId(),
                "%d ms of audio are missing (%d chunks): %s"
                        .formatted(
                                gap.endMillis() - gap.startMillis(),
                                gap.missingChunks(),
                                gap.endsUtterance()
                                        ? "a new utterance begins"
                                        : "silence in its place"));
    }

    private static BadInput failed(DeadLetter<FeatureWindow> letter) {
        FeatureWindow window = letter.original();
        return new BadInput(
                "%s window %d".formatted(window.streamId(), window.index()), letter.reason());
    }

    /** What the graph needs to know of a checkpoint; reading it refuses an unusable one. */
    private record Description(PreprocessorConfig preprocessor, CtcLabels labels) {
        static Description read(AsrOptions options) {
            // The plain backend is everywhere, also where only the job is submitted.
            try (SpeechModel model =
                    SpeechModel.load(options.model(), options.engine().withBackend("scalar"))) {
                return new Description(model.preprocessor(), model.ctcLabels());
            }
        }
    }
}
