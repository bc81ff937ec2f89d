package org.flinksigmoid.pipelines.source;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongSupplier;

/**
 * A stream that comes when it comes: its own thread reads ahead into a bounded queue, so that a
 * slow job slows the sender down. What was read ahead is lost where the job fails.
 */
final class LiveStream<T> implements OpenStream<T> {
    private static final int READ_AHEAD = 64;

    private final BlockingQueue<Optional<RecordReader.Item<T>>> queue =
            new ArrayBlockingQueue<>(READ_AHEAD);
    private final Thread thread;
    private volatile RecordReader<T> reader;
    private volatile boolean closed;
    private volatile Throwable failure;
    private StreamSplit split;

    LiveStream(StreamSplit split, RecordFormat<T> format, LongSupplier eventTime, Runnable wakeUp) {
        this.split = split;
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("read " + split.streamId())
                        .start(() -> pump(split, format, eventTime, wakeUp));
    }

    private void pump(
            StreamSplit from, RecordFormat<T> format, LongSupplier eventTime, Runnable wakeUp) {
        try {
            try (RecordReader<T> opened = format.openLive(from, eventTime)) {
                reader = opened; // close() does not wait for a sender that is silent
                if (closed) {
                    return;
                }
                Optional<RecordReader.Item<T>> item;
                do {
                    item = opened.next();
                    queue.put(item);
                    wakeUp.run();
                } while (item.isPresent());
            } catch (IOException e) {
                queue.put(Optional.of(StoredStream.unreadable(from, e)));
                queue.put(Optional.empty());
                wakeUp.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failure = e; // for the task's thread, which would wait for ever
            wakeUp.run();
        }
    }

    /** Whether the next record is there, the end, or a failure. */
    boolean hasNext() {
        return !queue.isEmpty() || failure != null;
    }

    @Override
    public Optional<RecordReader.Item<T>> take() {
        Optional<RecordReader.Item<T>> item = queue.poll();
        if (item == null) {
            throw new IllegalStateException(
                    split.streamId() + ": expected a record, found " + failure, failure);
        }
        if (item.isPresent()) {
            split = split.advancedTo(split.position() + 1);
        }
        return item;
    }

    @Override
    public StreamSplit split() {
        return split;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        thread.interrupt();
        if (reader != null) {
            reader.close();
        }
    }
}
