package org.flinksigmoid.pipelines.source;

import java.io.IOException;
import java.util.Optional;
import org.apache.flink.types.Either;

/** A stream out of files. */
final class StoredStream<T> implements OpenStream<T> {
    private StreamSplit split;
    private RecordReader<T> reader;
    private Optional<RecordReader.Item<T>> next;
    private long lastMillis;

    StoredStream(StreamSplit split, RecordFormat<T> format) {
        this.split = split;
        this.lastMillis = split.startMillis();
        try {
            this.reader = format.open(split);
        } catch (IOException e) {
            InputFolder.requireOf(split.input(), e);
            this.reader = new NoRecords<>(Optional.of(unreadable(split, e)));
        }
        this.next = read();
        skipWhatWasHandedOn();
    }

    /** There may be less after a restart than before, or nothing any more. */
    private void skipWhatWasHandedOn() {
        Optional<RecordReader.Item<T>> last = Optional.empty();
        long found = 0;
        while (found < split.position() && next.isPresent()) {
            last = next;
            lastMillis = readyMillis();
            next = read();
            found++;
        }
        if (found < split.position()) {
            next =
                    reader instanceof NoRecords // says why
                            ? last
                            : Optional.of(unreadable(split, changed(found)));
        }
    }

    private IOException changed(long found) {
        return new IOException(
                "expected the %d records that were read before a restart, found %d: it has changed"
                        .formatted(split.position(), found));
    }

    private Optional<RecordReader.Item<T>> read() {
        try {
            return reader.next();
        } catch (IOException e) {
            InputFolder.requireOf(split.input(), e);
            reader = new NoRecords<>(reader);
            return Optional.of(unreadable(split, e));
        }
    }

    static <T> RecordReader.Item<T> unreadable(StreamSplit split, IOException error) {
        BadInput bad = new BadInput(split.streamId(), Reasons.of(error));
        return new RecordReader.Item<>(Either.Right(bad), split.startMillis(), split.startMillis());
    }

    /** Event time at which a live source could hand on the next record, or the end. */
    long readyMillis() {
        return next.map(RecordReader.Item::readyMillis).orElse(lastMillis);
    }

    /** That of the last record that was handed on; the stream's beginning before the first. */
    long lastMillis() {
        return lastMillis;
    }

    @Override
    public Optional<RecordReader.Item<T>> take() {
        Optional<RecordReader.Item<T>> taken = next;
        if (taken.isPresent()) {
            split = split.advancedTo(split.position() + 1);
            lastMillis = readyMillis();
            next = read();
        }
        return taken;
    }

    @Override
    public StreamSplit split() {
        return split;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
