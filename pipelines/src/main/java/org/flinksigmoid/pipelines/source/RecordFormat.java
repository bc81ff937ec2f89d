package org.flinksigmoid.pipelines.source;

import java.io.IOException;
import java.io.Serializable;

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

    /** Whether records come when they come: standard input, a socket. Reading may block then. */
    boolean isLive(StreamInput input);
}
