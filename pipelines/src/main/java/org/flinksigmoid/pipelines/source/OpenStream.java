package org.flinksigmoid.pipelines.source;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/** A stream that is being read, with the next record in hand where there is one. */
interface OpenStream<T> extends Closeable {
    /** Nobody knows when the next record comes. */
    long UNKNOWN = Long.MAX_VALUE;

    /** When the next record, or the end, is to be handed on, by the wall clock. */
    long dueMillis();

    /** The next record, which is due; empty at the end. */
    Optional<RecordReader.Item<T>> take() throws IOException;

    /** From where to go on after a failure: behind what has been taken. */
    StreamSplit split();
}
