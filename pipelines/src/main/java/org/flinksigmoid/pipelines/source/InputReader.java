package org.flinksigmoid.pipelines.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.types.Either;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands on records of the streams it has been given, in the order of their readiness. Runs in the
 * task's thread and never blocks; live streams are read by a thread each.
 */
final class InputReader<T> implements SourceReader<Either<T, BadInput>, StreamSplit> {
    private static final Logger LOG = LoggerFactory.getLogger(InputReader.class);

    /** From when on event time goes on without a live stream that says nothing. */
    private static final long SILENCE_MILLIS = 1000;

    /** How long a loop rests that has found nothing to use in a whole round. */
    private static final long REST_MILLIS = 1000;

    private final Runnable whenInputEnds = this::wakeUp;
    private final SourceReaderContext context;
    private final RecordFormat<T> format;
    private final InputSource.Options options;

    /** Their next record may come at any moment. */
    private final List<Open<T>> live = new ArrayList<>();

    /** The one whose next record is due first is first: thousands may play side by side. */
    private final PriorityQueue<Open<T>> stored = new PriorityQueue<>();

    private long opened;
    private long startNanos;
    private boolean started;
    private boolean requested;
    private boolean noMoreSplits;

    /** The last round of a loop of which there was a record. */
    private int fruitfulRound = -1;

    /** No stream is asked for before, by the wall clock. */
    private long restUntilMillis;

    /** How far event time has come; the threads that read live streams look at it. */
    private volatile long clockMillis;

    private CompletableFuture<Void> available = new CompletableFuture<>();

    /**
     * An open stream; of several that are due, the one with the lowest number is next: that which
     * was opened first, of live ones that which has waited longest.
     */
    private record Open<T>(OpenStream<T> stream, long number) implements Comparable<Open<T>> {
        @Override
        public int compareTo(Open<T> other) {
            int byTime = Long.compare(stream.dueMillis(), other.stream.dueMillis());
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    InputReader(SourceReaderContext context, RecordFormat<T> format, InputSource.Options options) {
        this.context = context;
        this.format = format;
        this.options = options;
    }

    @Override
    public void start() {
        started = true;
        startNanos = System.nanoTime();
        EndOfInput.await(whenInputEnds);
        requestIfFree();
    }

    @Override
    public void addSplits(List<StreamSplit> splits) {
        requested = false;
        for (StreamSplit split : splits) {
            long start = split.startMillis();
            if (start == StreamSplit.NOT_STARTED) {
                start = isPaced(split) ? WallClock.now() : clockMillis;
            }
            clockMillis = Math.max(clockMillis, start);
            StreamSplit started = split.startedAt(start);
            long number = opened++;
            if (format.isLive(split.input())) {
                live.add(
                        new Open<>(
                                new LiveStream<>(started, format, () -> clockMillis, this::wakeUp),
                                number));
            } else {
                boolean paced = isPaced(split);
                stored.add(new Open<>(new StoredStream<>(started, format, paced), number));
            }
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
        if (millisLeft() <= 0) {
            return InputStatus.END_OF_INPUT;
        }
        long rest = restMillis();
        if (rest == 0) {
            requestIfFree();
        }
        Open<T> earliest = stored.peek();
        for (Open<T> each : live) {
            if (each.stream().dueMillis() != OpenStream.UNKNOWN
                    && (earliest == null || each.compareTo(earliest) < 0)) {
                earliest = each;
            }
        }
        if (earliest == null) {
            if (live.isEmpty() && noMoreSplits) {
                return InputStatus.END_OF_INPUT;
            }
            if (!live.isEmpty() && format.isLiveTimeWallTime()) {
                letTimePass(output);
                wakeUpIn(SILENCE_MILLIS);
            } else {
                wakeUpIn(rest == 0 ? Long.MAX_VALUE : rest);
            }
            return InputStatus.NOTHING_AVAILABLE;
        }
        long waitMillis = earliest.stream().dueMillis() - WallClock.now();
        if (waitMillis > 0) {
            wakeUpIn(waitMillis);
            return InputStatus.NOTHING_AVAILABLE;
        }
        handOn(earliest, output);
        // The task may wait on the future even now: when its output was full a moment ago.
        wakeUp();
        return InputStatus.MORE_AVAILABLE;
    }

    /** Of the time for which this reader takes records. */
    private long millisLeft() {
        if (EndOfInput.isDeclared()) {
            return 0;
        }
        return options.limit().toMillis() - (System.nanoTime() - startNanos) / 1_000_000;
    }

    /** After so long, or when its time is over, this reader is asked again. */
    private void wakeUpIn(long millis) {
        CompletableFuture<Void> wait = available;
        wait.completeOnTimeout(null, Math.min(millis, millisLeft()), TimeUnit.MILLISECONDS);
    }

    /**
     * While live streams say nothing whose records have the wall clock's time, event time goes on
     * with that: others' windows wait for it, and what they say next is not behind it. To call them
     * idle would not do: Flink drops the end of time where it comes from an idle reader, and once
     * the other readers have ended it is the end of time for all.
     */
    private void letTimePass(ReaderOutput<?> output) {
        long now = WallClock.now();
        if (now - clockMillis >= SILENCE_MILLIS) {
            clockMillis = now;
            output.emitWatermark(new Watermark(now - InputSource.DISORDER.toMillis() - 1));
        }
    }

    private void handOn(Open<T> next, ReaderOutput<Either<T, BadInput>> output) throws IOException {
        OpenStream<T> stream = next.stream();
        boolean queued = stored.peek() == next;
        if (queued) {
            stored.remove(); // taking a record changes its place
        }
        var item = stream.take();
        if (item.isPresent()) {
            if (queued) {
                stored.add(next);
            } else {
                live.remove(next);
                live.add(new Open<>(stream, opened++));
            }
            long timestamp = item.get().timestampMillis();
            if (!queued && format.isLiveTimeWallTime()) {
                timestamp = Math.max(timestamp, clockMillis); // files may run ahead of the clock
            }
            clockMillis = Math.max(clockMillis, item.get().readyMillis());
            if (item.get().value().isLeft()) {
                fruitfulRound = Math.max(fruitfulRound, stream.split().round());
            }
            output.collect(item.get().value(), timestamp);
        } else {
            stream.close();
            live.remove(next);
            // Flink keeps an output and a metric group for each split until it is told.
            output.releaseOutputForSplit(stream.split().splitId());
            if (stream.split().round() > fruitfulRound + 1) {
                restUntilMillis = WallClock.now() + REST_MILLIS; // or it would keep a CPU busy
            }
            requestIfFree();
        }
    }

    /**
     * One stream at a time, so that event time moves forward; in real time several. Live ones keep
     * none waiting, they might never end; but in a loop they would come again while they are open.
     * Restored streams come before the start, when the enumerator doesn't know this reader yet.
     */
    private void requestIfFree() {
        int wanted = options.pace() == Pace.REAL_TIME ? options.atOnce() : 1;
        int open = stored.size() + (options.loop() ? live.size() : 0);
        if (started && !requested && !noMoreSplits && open < wanted && restMillis() == 0) {
            requested = true;
            context.sendSplitRequest();
        }
    }

    private long restMillis() {
        return Math.max(0, restUntilMillis - WallClock.now());
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
        return Stream.concat(live.stream(), stored.stream())
                .map(open -> open.stream().split())
                .toList();
    }

    /** What a stream throws is logged only: while Flink cancels, it would end the TaskManager. */
    @Override
    public void close() {
        EndOfInput.forget(whenInputEnds);
        for (Open<T> open : Stream.concat(live.stream(), stored.stream()).toList()) {
            try {
                open.stream().close();
            } catch (IOException e) {
                LOG.warn("{} could not be closed", open.stream().split().streamId(), e);
            }
        }
        live.clear();
        stored.clear();
    }
}
