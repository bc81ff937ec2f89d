package org.flinksigmoid.operators.window;

import org.apache.flink.streaming.api.watermark.Watermark;

/**
 * Keeps an operator's results in front of the watermarks that it has passed on: a result about an
 * earlier time, from a chunk that was late but allowed, gets the first moment after the watermark.
 */
final class EmittedTime {
    private long watermark = Long.MIN_VALUE;

    /** That watermark has been passed on. */
    void passed(Watermark mark) {
        watermark = Math.max(watermark, mark.getTimestamp());
    }

    /** The timestamp, or the earliest one that is not late. */
    long onTime(long timestamp) {
        return timestamp > watermark || watermark == Long.MAX_VALUE ? timestamp : watermark + 1;
    }
}
