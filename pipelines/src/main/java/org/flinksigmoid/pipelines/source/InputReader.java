package org.flinksigmoid.pipelines.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.types.Either;

/**
 * Hands on records of the streams it has been given, in the order of their readiness. Runs in the
 * task's thread and never blocks; live streams are read by a thread each.
 */
final class InputReader<T> implements SourceReader<Either<T, BadInput>, StreamSplit> {
    private final SourceReaderContext context;
    private final RecordFormat<T> format;
    private final InputSource.Options options;
    private final List<OpenStream<T>> open = new ArrayList<>();
    private boolean started;
    private boolean requested;
    private boolean noMoreSplits;
    private long clockMillis;
    private CompletableFuture<Void> available = new CompletableFuture<>();

    InputReader(SourceReaderContext context, RecordFormat<T> format, InputSource.Options options) {
        this.context = context;
        this.format = format;
        this.options = options;
    }

    @Override
    public void start() {
        started = true;
        requestIfFree();
    }

    @Override
    public void addSplits(List<StreamSplit> splits) {
        requested = false;
        for (StreamSplit split : splits) {
            long start = split.startMillis();
            if (start == StreamSplit.NOT_STARTED) {
                start = isPaced(split) ? System.currentTimeMillis() : clockMillis;
            }
            clockMillis = Math.max(clockMillis, start);
            StreamSplit started = split.startedAt(start);
            open.add(
                    format.isLive(split.input())
                            ? new LiveStream<>(started, format, this::wakeUp)
                            : new StoredStream<>(started, format, isPaced(split)));
        }
        requestIfFree();
        wakeUp();
    }

    private boolean isPaced(StreamSplit split) {
        return options.pace() == Pace.REAL_TIME || format.isLive(split.input());
    }

    @Override
    public void notifyNoMoreSplits() {
        noMoreSplits = true;
        wakeUp();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<Either<T, BadInput>> output) throws IOException {
        resetAvailability();
        OpenStream<T> earliest = null;
        for (OpenStream<T> stream : open) {
            if (stream.dueMillis() != OpenStream.UNKNOWN
                    && (earliest == null || stream.dueMillis() < earliest.dueMillis())) {
                earliest = stream;
            }
        }
        if (earliest == null) {
            return open.isEmpty() && noMoreSplits
                    ? InputStatus.END_OF_INPUT
                    : InputStatus.NOTHING_AVAILABLE;
        }
        long waitMillis = earliest.dueMillis() - System.currentTimeMillis();
        if (waitMillis > 0) {
            CompletableFuture<Void> wait = available;
            wait.completeOnTimeout(null, waitMillis, TimeUnit.MILLISECONDS);
            return InputStatus.NOTHING_AVAILABLE;
        }
        handOn(earliest, output);
        // The task may wait on the future even now: when its output was full a moment ago.
        wakeUp();
        return InputStatus.MORE_AVAILABLE;
    }

    private void handOn(OpenStream<T> stream, ReaderOutput<Either<T, BadInput>> output)
            throws IOException {
        var item = stream.take();
        if (item.isPresent()) {
            clockMillis = Math.max(clockMillis, item.get().readyMillis());
            output.collect(item.get().value(), item.get().timestampMillis());
        } else {
            stream.close();
            open.remove(stream);
            // Flink keeps an output and a metric group for each split until it is told.
            output.releaseOutputForSplit(stream.split().splitId());
            requestIfFree();
        }
    }

    /**
     * One stream at a time, so that event time moves forward; in real time several. Restored
     * streams come before the start, when the enumerator doesn't know this reader yet.
     */
    private void requestIfFree() {
        int wanted = options.pace() == Pace.REAL_TIME ? options.atOnce() : 1;
        if (started && !requested && !noMoreSplits && open.size() < wanted) {
            requested = true;
            context.sendSplitRequest();
        }
    }

    private synchronized void resetAvailability() {
        if (available.isDone()) {
            available = new CompletableFuture<>();
        }
    }

    private synchronized void wakeUp() {
        available.complete(null);
    }

    @Override
    public synchronized CompletableFuture<Void> isAvailable() {
        return available;
    }

    @Override
    public List<StreamSplit> snapshotState(long checkpoint) {
        return open.stream().map(OpenStream::split).toList();
    }

    @Override
    public void close() throws IOException {
        for (OpenStream<T> stream : open) {
            stream.close();
        }
        open.clear();
    }
}
