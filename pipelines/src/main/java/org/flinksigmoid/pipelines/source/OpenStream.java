package org.flinksigmoid.pipelines.source;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/** A stream that is being read. */
interface OpenStream<T> extends Closeable {
    /** The next record, which is there; empty at the end. */
    Optional<RecordReader.Item<T>> take() throws IOException;

    /** From where to go on after a failure: behind what has been taken. */
    StreamSplit split();
}
