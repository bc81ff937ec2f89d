package org.flinksigmoid.kernels.audio;

import java.util.Arrays;

/**
 * Frames {@code [startFrame, startFrame + frames)} of a stream as the encoder reads them.
 *
 * @param index number of the window in its stream, from 0
 * @param startFrame first frame; a multiple of the encoder's frames per step
 * @param frames how many; 0 only for the last window of a stream without a sample
 * @param width features of a frame
 * @param features {@code [frames, width]}; the record's own array
 * @param last true if the stream ends with this window
 */
public record SpeechWindow(
        long index, long startFrame, int frames, int width, float[] features, boolean last) {
    /** Checks the sizes. */
    public SpeechWindow {
        if (features.length != frames * width) {
            throw new IllegalArgumentException(
                    "features: expected %d x %d, found %d"
                            .formatted(frames, width, features.length));
        }
    }

    /** First frame after the window. */
    public long endFrame() {
        return startFrame + frames;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SpeechWindow window
                && index == window.index
                && startFrame == window.startFrame
                && frames == window.frames
                && width == window.width
                && last == window.last
                && Arrays.equals(features, window.features);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(31 * index + startFrame) + Arrays.hashCode(features);
    }

    /** As {@code window 3: frames 0 to 256 of width 40, last}. */
    @Override
    public String toString() {
        return "window %d: frames %d to %d of width %d%s"
                .formatted(index, startFrame, endFrame(), width, last ? ", last" : "");
    }
}
