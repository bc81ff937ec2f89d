package org.flinksigmoid.operators.types;

import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * What the encoder made of one {@link FeatureWindow}: log-probabilities of the labels at every
 * step. The fields from {@code streamId} to {@code gapMillis} are the window's.
 *
 * @param streamId stream that the window belongs to
 * @param index number of the window in this run of the stream, from 0
 * @param streamStartMillis event time of the stream's first sample, which a model's padding may put
 *     some frames after frame 0
 * @param startFrame first frame of the window
 * @param frames number of frames of the window
 * @param last whether the stream ends with this window
 * @param gapMillis silence put in for missing audio since the previous window
 * @param classes labels per step, blank among them
 * @param logProbs natural logarithms, row-major {@code [steps, classes]}; not copied, not to be
 *     written to afterwards
 * @param modelVersion version of the model that made them, empty if unknown
 */
@TypeInfo(WindowLogProbsSerializer.TypeInfoFactory.class)
public record WindowLogProbs(
        String streamId,
        long index,
        long streamStartMillis,
        long startFrame,
        int frames,
        boolean last,
        long gapMillis,
        int classes,
        float[] logProbs,
        String modelVersion) {
    /** Checks the fields. */
    public WindowLogProbs {
        Checks.notNull("WindowLogProbs.streamId", streamId);
        Checks.notNull("WindowLogProbs.logProbs", logProbs);
        Checks.notNull("WindowLogProbs.modelVersion", modelVersion);
        Checks.notNegative("WindowLogProbs.index", index);
        Checks.notNegative("WindowLogProbs.startFrame", startFrame);
        Checks.notNegative("WindowLogProbs.frames", frames);
        Checks.notNegative("WindowLogProbs.gapMillis", gapMillis);
        if (classes < 1 || logProbs.length % classes != 0) {
            throw new IllegalArgumentException(
                    "WindowLogProbs.logProbs: expected a multiple of %d classes, found %d values"
                            .formatted(classes, logProbs.length));
        }
    }

    /** Without a model's version. */
    public WindowLogProbs(
            String streamId,
            long index,
            long streamStartMillis,
            long startFrame,
            int frames,
            boolean last,
            long gapMillis,
            int classes,
            float[] logProbs) {
        this(
                streamId,
                index,
                streamStartMillis,
                startFrame,
                frames,
                last,
                gapMillis,
                classes,
                logProbs,
                "");
    }

    /** {@link #of(FeatureWindow, int, float[], String)} without a model's version. */
    public static WindowLogProbs of(FeatureWindow window, int classes, float[] logProbs) {
        return of(window, classes, logProbs, "");
    }

    /**
     * The result for a window.
     *
     * @param window where the result comes from
     * @param classes labels per step
     * @param logProbs row-major {@code [steps, classes]}, owned by the result
     * @param modelVersion version of the model
     */
    public static WindowLogProbs of(
            FeatureWindow window, int classes, float[] logProbs, String modelVersion) {
        return new WindowLogProbs(
                window.streamId(),
                window.index(),
                window.streamStartMillis(),
                window.startFrame(),
                window.frames(),
                window.last(),
                window.gapMillis(),
                classes,
                logProbs,
                modelVersion);
    }

    /** Number of steps: rows of the log-probabilities. */
    public int steps() {
        return logProbs.length / classes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WindowLogProbs that
                && streamId.equals(that.streamId)
                && index == that.index
                && streamStartMillis == that.streamStartMillis
                && startFrame == that.startFrame
                && frames == that.frames
                && last == that.last
                && gapMillis == that.gapMillis
                && classes == that.classes
                && Arrays.equals(logProbs, that.logProbs)
                && modelVersion.equals(that.modelVersion);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                streamId,
                index,
                streamStartMillis,
                startFrame,
                frames,
                last,
                gapMillis,
                classes,
                Arrays.hashCode(logProbs),
                modelVersion);
    }

    @Override
    public String toString() {
        return "WindowLogProbs["
                + "streamId="
                + streamId
                + ", index="
                + index
                + ", streamStartMillis="
                + streamStartMillis
                + ", startFrame="
                + startFrame
                + ", frames="
                + frames
                + ", last="
                + last
                + ", gapMillis="
                + gapMillis
                + ", classes="
                + classes
                + ", logProbs="
                + logProbs.length
                + " values, modelVersion="
                + modelVersion
                + "]";
    }
}
