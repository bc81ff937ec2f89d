package org.flinksigmoid.operators.window;

import java.time.Duration;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.DeadLetterTypeInfo;
import org.flinksigmoid.operators.types.FeatureWindow;

/**
 * Cuts streams of audio chunks into overlapping windows of features, one stream a {@code streamId}.
 *
 * <pre>{@code
 * SingleOutputStreamOperator<FeatureWindow> windows =
 *         SpeechWindows.of(PreprocessorConfig.read(modelFolder))
 *                 .allowedLateness(Duration.ofMillis(500))
 *                 .apply(chunks);
 * windows.getSideOutput(SpeechWindows.GAPS).print();
 * }</pre>
 *
 * <p><b>Order.</b> Sequence numbers count from 0 in each stream and say what comes next; timestamps
 * say when. A chunk that comes too early waits. What it waits for is given up once the watermark
 * has passed the waiting chunk by the allowed lateness, or more audio waits than {@link
 * SpeechWindowOptions#MAX_WAITING}. A stream that does not begin with 0 begins with the earliest
 * chunk after the same wait. Sequence numbers that begin again at a later time begin a new
 * utterance.
 *
 * <p><b>Gaps.</b> Missing audio, and a jump of the clock beyond the tolerance, becomes silence of
 * its length, so that times stay right; {@link #GAPS} reports it, as does the window's {@code
 * gapMillis}. A jump over {@link SpeechWindowOptions#MAX_GAP}, forward or backward, ends the
 * utterance, and the chunk begins a new one: a chunk from the future costs no minutes of silence.
 *
 * <p><b>Late and bad chunks.</b> A chunk whose place was given up goes to {@link #LATE}, as does
 * one of a stream that is not open whose audio lies more than the allowed lateness behind the
 * watermark. A repeated one is dropped and counted. One that is no audio of its stream (sample rate
 * not the stream's or not convertible, no samples, negative sequence, a timestamp that makes no
 * sense or is further ahead than {@link SpeechWindowOptions#MAX_AHEAD}) goes to {@link #REJECTED}
 * with the reason. Chunks in = taken + waiting + late + rejected + duplicates.
 *
 * <p><b>End.</b> A chunk with {@code last} ends a stream, as does the watermark that passes its
 * audio by the idle timeout, and the end of the input. The last window comes then, {@code last =
 * true}, also for a stream without a sample. State is gone once the watermark has passed the end by
 * the allowed lateness; without watermarks it stays until the input ends.
 *
 * <p><b>Time.</b> A window's timestamp is the event time of its end, or the moment after the last
 * watermark if that has passed it: results are never late. Watermarks pass through unchanged.
 * Whatever the cutting into chunks, the windows are the same, bit for bit. Audio of another rate is
 * resampled to the model's.
 */
public final class SpeechWindows {
    /** Chunks that came after their place was given up. */
    public static final OutputTag<AudioChunk> LATE =
            new OutputTag<>("late-audio", TypeInformation.of(AudioChunk.class));

    /** Chunks that are no audio of their stream, with the reason. */
    public static final OutputTag<DeadLetter<AudioChunk>> REJECTED =
            new OutputTag<>(
                    "rejected-audio",
                    new DeadLetterTypeInfo<>(TypeInformation.of(AudioChunk.class)));

    /** Audio that was given up, or that never was. */
    public static final OutputTag<AudioGap> GAPS =
            new OutputTag<>("audio-gaps", TypeInformation.of(AudioGap.class));

    private final PreprocessorConfig config;
    private String name = "speech-windows";
    private String uid;
    private Duration allowedLateness = SpeechWindowOptions.ALLOWED_LATENESS.defaultValue();
    private Duration maxGap = SpeechWindowOptions.MAX_GAP.defaultValue();
    private Duration idleTimeout = SpeechWindowOptions.IDLE_TIMEOUT.defaultValue();
    private Duration timestampTolerance = SpeechWindowOptions.TIMESTAMP_TOLERANCE.defaultValue();
    private Duration maxWaiting = SpeechWindowOptions.MAX_WAITING.defaultValue();
    private Duration maxAhead = SpeechWindowOptions.MAX_AHEAD.defaultValue();

    private SpeechWindows(PreprocessorConfig config) {
        this.config = Objects.requireNonNull(config, "config");
    }

    /**
     * Begins with the defaults of {@link SpeechWindowOptions}.
     *
     * @param config the speech model's front end
     */
    public static SpeechWindows of(PreprocessorConfig config) {
        return new SpeechWindows(config);
    }

    /** Takes every option that the configuration sets. */
    public SpeechWindows options(ReadableConfig options) {
        options.getOptional(SpeechWindowOptions.ALLOWED_LATENESS).ifPresent(this::allowedLateness);
        options.getOptional(SpeechWindowOptions.MAX_GAP).ifPresent(this::maxGap);
        options.getOptional(SpeechWindowOptions.IDLE_TIMEOUT).ifPresent(this::idleTimeout);
        options.getOptional(SpeechWindowOptions.TIMESTAMP_TOLERANCE)
                .ifPresent(this::timestampTolerance);
        options.getOptional(SpeechWindowOptions.MAX_WAITING).ifPresent(this::maxWaiting);
        options.getOptional(SpeechWindowOptions.MAX_AHEAD).ifPresent(this::maxAhead);
        return this;
    }

    /** Name in the web interface and in metrics. */
    public SpeechWindows name(String value) {
        name = Objects.requireNonNull(value, "name");
        return this;
    }

    /** Identity of the operator's state across versions of the job. */
    public SpeechWindows uid(String value) {
        uid = Objects.requireNonNull(value, "uid");
        return this;
    }

    /** See {@link SpeechWindowOptions#ALLOWED_LATENESS}. */
    public SpeechWindows allowedLateness(Duration value) {
        allowedLateness = Objects.requireNonNull(value, "allowedLateness");
        return this;
    }

    /** See {@link SpeechWindowOptions#MAX_GAP}. */
    public SpeechWindows maxGap(Duration value) {
        maxGap = Objects.requireNonNull(value, "maxGap");
        return this;
    }

    /** See {@link SpeechWindowOptions#IDLE_TIMEOUT}. */
    public SpeechWindows idleTimeout(Duration value) {
        idleTimeout = Objects.requireNonNull(value, "idleTimeout");
        return this;
    }

    /** See {@link SpeechWindowOptions#TIMESTAMP_TOLERANCE}. */
    public SpeechWindows timestampTolerance(Duration value) {
        timestampTolerance = Objects.requireNonNull(value, "timestampTolerance");
        return this;
    }

    /** See {@link SpeechWindowOptions#MAX_WAITING}. */
    public SpeechWindows maxWaiting(Duration value) {
        maxWaiting = Objects.requireNonNull(value, "maxWaiting");
        return this;
    }

    /** See {@link SpeechWindowOptions#MAX_AHEAD}. */
    public SpeechWindows maxAhead(Duration value) {
        maxAhead = Objects.requireNonNull(value, "maxAhead");
        return this;
    }

    /** The settings as they stand, checked against each other. */
    public SpeechWindowSettings settings() {
        return new SpeechWindowSettings(
                allowedLateness, maxGap, idleTimeout, timestampTolerance, maxWaiting, maxAhead);
    }

    /**
     * Adds the operator to the stream, keyed by stream id.
     *
     * @throws IllegalArgumentException on settings that contradict each other
     */
    public SingleOutputStreamOperator<FeatureWindow> apply(DataStream<AudioChunk> chunks) {
        SingleOutputStreamOperator<FeatureWindow> windows =
                chunks.keyBy(AudioChunk::streamId)
                        .transform(
                                name,
                                TypeInformation.of(FeatureWindow.class),
                                new SpeechWindowsOperator(config, settings()));
        return uid == null ? windows : windows.uid(uid);
    }
}
