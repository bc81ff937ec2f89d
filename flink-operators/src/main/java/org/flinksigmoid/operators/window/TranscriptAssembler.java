package org.flinksigmoid.operators.window;

import java.time.Duration;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;

/**
 * Joins the log-probabilities of each stream's overlapping windows and says what was heard: partial
 * results as windows come, a final one after a pause or at the end of the stream.
 *
 * <pre>{@code
 * DataStream<Transcript> transcripts =
 *         TranscriptAssembler.of(PreprocessorConfig.read(modelFolder), labels)
 *                 .apply(logProbs);
 * }</pre>
 *
 * <p><b>Results.</b> A partial result ({@code isFinal = false}) holds the open utterance so far and
 * is replaced by the next result of its stream; one with the same text as the one before is not
 * repeated. An utterance is final once the blanks after it are too many and no later window can
 * change them. The last window always brings a final result with {@code endOfStream}, empty if
 * nothing more was heard. A stream's text is its final texts in order. {@code gapMillis} is the
 * silence that was put in for missing audio since the final result before.
 *
 * <p><b>Order.</b> The windows of a stream must come in order, as an inference operator with order
 * per key hands them on. A window that is missing, because it was skipped or dead-lettered, counts
 * as silence and in the metric {@code lostWindows}; one that comes after a later one goes to {@link
 * #LATE}.
 *
 * <p><b>Time.</b> Word times are event times. A result has the timestamp of the window that brought
 * it, or the moment after the last watermark if that has passed it: results are never late.
 * Watermarks pass through unchanged.
 *
 * <p><b>State.</b> A few kilobytes a stream, gone with its last window; a stream whose last window
 * never comes is ended once the watermark has passed its newest one by {@link
 * TranscriptOptions#STREAM_TIMEOUT}, or the input ends.
 */
public final class TranscriptAssembler {
    /** Windows that came after a later one of their stream. */
    public static final OutputTag<WindowLogProbs> LATE =
            new OutputTag<>("late-windows", TypeInformation.of(WindowLogProbs.class));

    private final PreprocessorConfig config;
    private final CtcLabels labels;
    private String name = "transcripts";
    private String uid;
    private boolean partials = TranscriptOptions.PARTIALS.defaultValue();
    private Duration streamTimeout = TranscriptOptions.STREAM_TIMEOUT.defaultValue();

    private TranscriptAssembler(PreprocessorConfig config, CtcLabels labels) {
        this.config = Objects.requireNonNull(config, "config");
        this.labels = Objects.requireNonNull(labels, "labels");
    }

    /**
     * Begins with the defaults of {@link TranscriptOptions}.
     *
     * @param config the front end that the windows came from
     * @param labels what the encoder's classes mean
     */
    public static TranscriptAssembler of(PreprocessorConfig config, CtcLabels labels) {
        return new TranscriptAssembler(config, labels);
    }

    /** Takes every option that the configuration sets. */
    public TranscriptAssembler options(ReadableConfig options) {
        options.getOptional(TranscriptOptions.PARTIALS).ifPresent(this::partials);
        options.getOptional(TranscriptOptions.STREAM_TIMEOUT).ifPresent(this::streamTimeout);
        return this;
    }

    /** Name in the web interface and in metrics. */
    public TranscriptAssembler name(String value) {
        name = Objects.requireNonNull(value, "name");
        return this;
    }

    /** Identity of the operator's state across versions of the job. */
    public TranscriptAssembler uid(String value) {
        uid = Objects.requireNonNull(value, "uid");
        return this;
    }

    /** See {@link TranscriptOptions#PARTIALS}. */
    public TranscriptAssembler partials(boolean value) {
        partials = value;
        return this;
    }

    /** See {@link TranscriptOptions#STREAM_TIMEOUT}. */
    public TranscriptAssembler streamTimeout(Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    "%s: expected more than 0, found %s"
                            .formatted(TranscriptOptions.STREAM_TIMEOUT.key(), value));
        }
        SpeechWindowSettings.atMost(TranscriptOptions.STREAM_TIMEOUT.key(), value);
        streamTimeout = value;
        return this;
    }

    /** Adds the operator to the stream, keyed by stream id. */
    public SingleOutputStreamOperator<Transcript> apply(DataStream<WindowLogProbs> windows) {
        SingleOutputStreamOperator<Transcript> transcripts =
                windows.keyBy(WindowLogProbs::streamId)
                        .transform(
                                name,
                                TypeInformation.of(Transcript.class),
                                new TranscriptOperator(
                                        config, labels, partials, streamTimeout.toMillis()));
        return uid == null ? transcripts : transcripts.uid(uid);
    }
}
