package org.flinksigmoid.pipelines.source;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/**
 * Takes the place of a reader that failed or never opened: says so once where asked to, and ends.
 */
final class NoRecords<T> implements RecordReader<T> {
    private final Closeable failed;
    private Optional<Item<T>> reason;

    /** Of a stream that could not be opened. */
    NoRecords(Optional<Item<T>> reason) {
        this.failed = () -> {};
        this.reason = reason;
    }

    /** Of a reader whose failure has been told. */
    NoRecords(RecordReader<T> failed) {
        this.failed = failed;
        this.reason = Optional.empty();
    }

    @Override
    public Optional<Item<T>> next() {
        Optional<Item<T>> told = reason;
        reason = Optional.empty();
        return told;
    }

    @Override
    public void close() throws IOException {
        failed.close();
    }
}
