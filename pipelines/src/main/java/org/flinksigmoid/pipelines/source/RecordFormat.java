package org.flinksigmoid.pipelines.source;

import java.io.IOException;
import java.io.Serializable;
import java.util.function.LongSupplier;

/**
 * How a stream becomes records.
 *
 * @param <T> the records
 */
public interface RecordFormat<T> extends Serializable {
    /**
     * Opens a stream at its beginning, which has the split's start as event time. A live stream
     * that is opened again after a failure goes on: its next record is number {@code
     * split.position()}.
     *
     * @throws IOException if it can't be opened, which makes it a {@link BadInput}
     */
    RecordReader<T> open(StreamSplit split) throws IOException;

    /**
     * As {@link #open}, of a live stream beside which others may play.
     *
     * @param eventTime how far event time has come in any of them; what is far behind it would be
     *     late, so a stream that stood still goes on from there
     */
    default RecordReader<T> openLive(StreamSplit split, LongSupplier eventTime) throws IOException {
        return open(split);
    }

    /**
     * Whether the records of live streams have the time at which they were read. Then event time
     * goes on without a stream that says nothing: what it says later has a later time.
     */
    default boolean isLiveTimeWallTime() {
        return false;
    }

    /** Whether records come when they come: standard input, a socket. Reading may block then. */
    boolean isLive(StreamInput input);
}
