package org.flinksigmoid.operators.types;

import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * Features of one window of a stream, as the encoder takes them.
 *
 * @param streamId stream that the window belongs to
 * @param index number of the window in this run of the stream, from 0
 * @param streamStartMillis event time of the stream's first sample, which a model's padding may put
 *     some frames after frame 0
 * @param startFrame first frame of the window, counted from the start of the stream
 * @param frames number of frames; 0 for the only window of an empty stream
 * @param width features per frame
 * @param features row-major {@code [frames, width]}; not copied, not to be written to afterwards
 * @param last whether the stream ends with this window
 * @param gapMillis silence put in for missing audio since the previous window
 */
@TypeInfo(FeatureWindowSerializer.TypeInfoFactory.class)
public record FeatureWindow(
        String streamId,
        long index,
        long streamStartMillis,
        long startFrame,
        int frames,
        int width,
        float[] features,
        boolean last,
        long gapMillis) {
    /** Checks the fields. */
    public FeatureWindow {
        Checks.notNull("FeatureWindow.streamId", streamId);
        Checks.notNull("FeatureWindow.features", features);
        Checks.notNegative("FeatureWindow.index", index);
        Checks.notNegative("FeatureWindow.startFrame", startFrame);
        Checks.notNegative("FeatureWindow.frames", frames);
        Checks.notNegative("FeatureWindow.width", width);
        Checks.notNegative("FeatureWindow.gapMillis", gapMillis);
        if ((long) frames * width != features.length) {
            throw new IllegalArgumentException(
                    "FeatureWindow.features: expected %d x %d values, found %d"
                            .formatted(frames, width, features.length));
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FeatureWindow that
                && streamId.equals(that.streamId)
                && index == that.index
                && streamStartMillis == that.streamStartMillis
                && startFrame == that.startFrame
                && frames == that.frames
                && width == that.width
                && Arrays.equals(features, that.features)
                && last == that.last
                && gapMillis == that.gapMillis;
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                streamId,
                index,
                streamStartMillis,
                startFrame,
                frames,
                width,
                Arrays.hashCode(features),
                last,
                gapMillis);
    }

    @Override
    public String toString() {
        return "FeatureWindow["
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
                + ", width="
                + width
                + ", features="
                + features.length
                + " values"
                + ", last="
                + last
                + ", gapMillis="
                + gapMillis
                + "]";
    }
}
