package org.flinksigmoid.pipelines.source;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.types.Either;

/**
 * Reads one stream forward.
 *
 * @param <T> the records
 */
public interface RecordReader<T> extends Closeable {
    /**
     * A record or what is wrong in its place.
     *
     * @param value the record, or the reason why there is none
     * @param timestampMillis event time
     * @param readyMillis the event time at which a live source could have handed it on; never less
     *     than that of the record before
     */
    record Item<T>(Either<T, BadInput> value, long timestampMillis, long readyMillis) {}

    /**
     * The next record; empty at the end.
     *
     * @throws IOException if nothing further can be read, which makes the rest a {@link BadInput}
     */
    Optional<Item<T>> next() throws IOException;
}
