package org.flinksigmoid.pipelines.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    /** Their next record may come at any moment; the one that has waited longest is first. */
    private final List<LiveStream<T>> live = new ArrayList<>();

    /**
     * The one whose next record is ready first is first: thousands may play side by side, and after
     * a restart with fewer readers several are read, however fast that goes.
     */
    private final PriorityQueue<Stored<T>> stored = new PriorityQueue<>();

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

    /** Whether Flink has been given the clock as a split and keeps an output for it. */
    private boolean clockRestored;

    /**
     * How far event time is behind the wall clock where it is to run with it: as long as the job
     * was down, or negative where another machine's clock is slow. Streams that begin at the wall
     * clock's time would make those late that go on from before.
     */
    private long behindMillis;

    private CompletableFuture<Void> available = new CompletableFuture<>();

    /** An open stream out of files, and how many were opened before. */
    private record Stored<T>(StoredStream<T> stream, long number) implements Comparable<Stored<T>> {
        @Override
        public int compareTo(Stored<T> other) {
            int byTime = Long.compare(stream.readyMillis(), other.stream.readyMillis());
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
            if (split.isClock()) {
                clockRestored = true;
                restoreClock(split.startMillis());
            } else {
                open(split);
            }
        }
        requestIfFree();
        wakeUp();
    }

    private void open(StreamSplit split) {
        long start = split.startMillis();
        boolean restored = start != StreamSplit.NOT_STARTED;
        if (!restored) {
            start = isPaced(split) ? WallClock.now() - behindMillis : clockMillis;
        }
        clockMillis = Math.max(clockMillis, start);
        StreamSplit started = split.startedAt(start);
        if (format.isLive(split.input())) {
            live.add(new LiveStream<>(started, format, () -> clockMillis, this::wakeUp));
        } else {
            StoredStream<T> stream = new StoredStream<>(started, format);
            if (restored) {
                restoreClock(stream.lastMillis());
            }
            stored.add(new Stored<>(stream, opened++));
        }
    }

    /** Event time goes on from there. */
    private void restoreClock(long millis) {
        clockMillis = Math.max(clockMillis, millis);
        if (options.pace() == Pace.REAL_TIME) {
            behindMillis = WallClock.now() - clockMillis;
        }
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
        if (clockRestored) {
            clockRestored = false;
            output.releaseOutputForSplit(StreamSplit.clock(clockMillis).splitId());
        }
        Optional<LiveStream<T>> talking = talking();
        if (talking.isPresent()) {
            handOn(talking.get(), output);
        } else if (stored.isEmpty()) {
            return nothing(output, rest);
        } else {
            Stored<T> next = stored.peek();
            long waitMillis = waitMillis(next.stream());
            if (waitMillis > 0) {
                wakeUpIn(waitMillis);
                return InputStatus.NOTHING_AVAILABLE;
            }
            handOn(next, output);
        }
        // The task may wait on the future even now: when its output was full a moment ago.
        wakeUp();
        return InputStatus.MORE_AVAILABLE;
    }

    /** A live stream with something to take; none while a file is read as fast as it goes. */
    private Optional<LiveStream<T>> talking() {
        return options.pace() == Pace.FAST && !stored.isEmpty()
                ? Optional.empty()
                : live.stream().filter(LiveStream::hasNext).findFirst();
    }

    private InputStatus nothing(ReaderOutput<?> output, long restMillis) {
        if (live.isEmpty() && noMoreSplits) {
            return InputStatus.END_OF_INPUT;
        }
        if (!live.isEmpty() && format.isLiveTimeWallTime()) {
            letTimePass(output);
            wakeUpIn(SILENCE_MILLIS);
        } else {
            wakeUpIn(restMillis == 0 ? Long.MAX_VALUE : restMillis);
        }
        return InputStatus.NOTHING_AVAILABLE;
    }

    private long waitMillis(StoredStream<T> file) {
        return options.pace() == Pace.FAST
                ? 0
                : file.readyMillis() + behindMillis - WallClock.now();
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
            behindMillis = 0; // nothing is read that goes on from before
            output.emitWatermark(new Watermark(now - PlausibleWatermarks.DISORDER.toMillis() - 1));
        }
    }

    private void handOn(LiveStream<T> stream, ReaderOutput<Either<T, BadInput>> output)
            throws IOException {
        Optional<RecordReader.Item<T>> item = stream.take();
        live.remove(stream);
        if (item.isEmpty()) {
            end(stream, output);
            return;
        }
        live.add(stream);
        long timestamp = item.get().timestampMillis();
        if (format.isLiveTimeWallTime()) {
            timestamp = Math.max(timestamp, clockMillis); // files may run ahead of the clock
        }
        handOn(item.get(), timestamp, stream.split().round(), output);
    }

    private void handOn(Stored<T> next, ReaderOutput<Either<T, BadInput>> output)
            throws IOException {
        StoredStream<T> stream = next.stream();
        stored.remove(); // taking a record changes its place
        Optional<RecordReader.Item<T>> item = stream.take();
        if (item.isEmpty()) {
            end(stream, output);
            return;
        }
        stored.add(next);
        handOn(item.get(), item.get().timestampMillis(), stream.split().round(), output);
    }

    private void handOn(
            RecordReader.Item<T> item,
            long timestamp,
            int round,
            ReaderOutput<Either<T, BadInput>> output) {
        clockMillis = Math.max(clockMillis, item.readyMillis());
        if (item.value().isLeft()) {
            fruitfulRound = Math.max(fruitfulRound, round);
        }
        output.collect(item.value(), timestamp);
    }

    private void end(OpenStream<T> stream, ReaderOutput<Either<T, BadInput>> output)
            throws IOException {
        stream.close();
        // Flink keeps an output and a metric group for each split until it is told.
        output.releaseOutputForSplit(stream.split().splitId());
        if (stream.split().round() > fruitfulRound + 1) {
            restUntilMillis = WallClock.now() + REST_MILLIS; // or it would keep a CPU busy
        }
        requestIfFree();
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

    /** With the clock, as the next stream may begin where the last one ended. */
    @Override
    public List<StreamSplit> snapshotState(long checkpoint) {
        List<StreamSplit> splits = new ArrayList<>();
        if (clockMillis > 0) {
            splits.add(StreamSplit.clock(clockMillis)); // first: live streams look at it at once
        }
        streams().forEach(stream -> splits.add(stream.split()));
        return splits;
    }

    private Stream<OpenStream<T>> streams() {
        return Stream.concat(live.stream(), stored.stream().map(Stored::stream));
    }

    /** What a stream throws is logged only: while Flink cancels, it would end the TaskManager. */
    @Override
    public void close() {
        EndOfInput.forget(whenInputEnds);
        for (OpenStream<T> stream : streams().toList()) {
            try {
                stream.close();
            } catch (IOException e) {
                LOG.warn("{} could not be closed", stream.split().streamId(), e);
            }
        }
        live.clear();
        stored.clear();
    }
}
