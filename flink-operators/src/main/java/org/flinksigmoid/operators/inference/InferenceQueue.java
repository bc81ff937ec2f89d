package org.flinksigmoid.operators.inference;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.flinksigmoid.operators.metrics.InferenceMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Micro-batches for a caller that has futures instead of a mailbox, such as an asynchronous
 * function of SQL: records wait in the same {@link Batcher} and failed batches go the same {@link
 * Recovery} as in {@link MicroBatchInference}. What is in flight, and its order, is the caller's to
 * remember.
 *
 * <p>Each of {@code concurrency} threads takes the next batch as soon as it is free: what came in
 * meanwhile rides along. A pause before a retry is one of the thread, too. Thread-safe.
 *
 * @param <I> record
 * @param <O> result
 */
public final class InferenceQueue<I, O> {
    private static final Logger LOG = LoggerFactory.getLogger(InferenceQueue.class);

    private final String name;
    private final InferenceFunction<I, O> function;
    private final InferenceSettings settings;
    private final InferenceMetrics metrics;
    private final Function<String, O> instead;
    private final Recovery<I, O> recovery;
    private final List<Thread> threads = new ArrayList<>();

    /** Guards everything below, and the metrics. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final Batcher<I, O> batcher;
    private int inFlight;
    private int running;
    private boolean closed;

    private final LogThrottle warnings = new LogThrottle();

    /** A record and who waits for it. */
    private static final class Pending<I, O> extends Entry<I, O> {
        final CompletableFuture<O> future = new CompletableFuture<>();

        Pending(I value, Lane lane, long tokens, long nowNanos, Duration linger) {
            super(
                    value,
                    false,
                    0,
                    InFlight.NO_KEY,
                    lane,
                    tokens,
                    nowNanos,
                    deadline(nowNanos, linger));
        }

        private static long deadline(long nowNanos, Duration linger) {
            return millis(nowNanos) + linger.toMillis();
        }
    }

    /**
     * Starts the threads.
     *
     * @param name of the threads, and in messages
     * @param function runs batches; opened before by the caller, closed by {@link #close}
     * @param settings order, limit of records in flight and timeout are the caller's and not looked
     *     at, nor are latency target and interval of spans
     * @param metrics counts; nobody else may update them
     * @param instead result of a record that is given up for that reason, with policies {@link
     *     FailurePolicy#SKIP} and {@link FailurePolicy#DEAD_LETTER}
     */
    public InferenceQueue(
            String name,
            InferenceFunction<I, O> function,
            InferenceSettings settings,
            InferenceMetrics metrics,
            Function<String, O> instead) {
        this(name, function, settings, metrics, instead, Thread::start);
    }

    /** Told how a thread is started. */
    InferenceQueue(
            String name,
            InferenceFunction<I, O> function,
            InferenceSettings settings,
            InferenceMetrics metrics,
            Function<String, O> instead,
            Consumer<Thread> starter) {
        this.name = name;
        this.function = function;
        this.settings = settings;
        this.metrics = metrics;
        this.instead = instead;
        this.recovery = new Recovery<>(settings.onFailure(), settings.retry(), name);
        this.batcher = new Batcher<>(settings.maxBatchSize(), settings.maxBatchTokens());
        metrics.model(function::status);
        metrics.gauge("recordsInFlight", () -> inFlight);
        metrics.gauge("recordsWaiting", batcher::size);
        metrics.gauge("inflightBatches", () -> running);
        for (int i = 0; i < settings.concurrency(); i++) {
            Thread thread = new Thread(this::work, name + " #" + i);
            thread.setDaemon(true);
            thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
            threads.add(thread);
        }
        try {
            threads.forEach(starter);
        } catch (OutOfMemoryError e) { // the system allows no more threads, and nobody has these
            stop();
            throw e;
        }
    }

    /**
     * Takes a record in; never waits.
     *
     * @return completed with the result on one of the queue's threads, or exceptionally if the
     *     policy is to fail
     * @throws IllegalStateException if the queue is closed
     */
    public CompletableFuture<O> submit(I record) {
        long tokens = function.tokens(record);
        Pending<I, O> pending =
                new Pending<>(
                        record,
                        Lane.of(false, function.route(record), settings.bucket(tokens)),
                        tokens,
                        System.nanoTime(),
                        settings.batchTimeout());
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException(name + " is closed");
            }
            metrics.accepted();
            inFlight++;
            if (batcher.add(pending) || batcher.size() == 1) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
        return pending.future;
    }

    /**
     * Counts a record that can't even be made from its input, and treats it as one that the
     * function refuses.
     *
     * @return its result, or the failure if the policy is to fail
     */
    public CompletableFuture<O> refuse(Exception why) {
        lock.lock();
        try {
            metrics.accepted();
            metrics.failed();
            if (settings.onFailure() == FailurePolicy.FAIL) {
                return CompletableFuture.failedFuture(why);
            }
            return CompletableFuture.completedFuture(givenUp(Recovery.describe(why)));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Stops the threads, waits for them and closes the function; futures of records in flight stay
     * open.
     *
     * @return whether all threads have ended; if not, the function is closed when they have
     */
    public boolean close(Duration patience) {
        boolean again = stop();
        threads.forEach(Thread::interrupt);
        long deadline = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive() && System.nanoTime() < deadline) {
                try {
                    thread.join(100);
                } catch (InterruptedException e) {
                    interrupted = true; // Flink hurries us: the call may be in native code
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        List<Thread> calling = threads.stream().filter(Thread::isAlive).toList();
        if (!again) {
            LateClose.close(name, calling, function::close);
        }
        return calling.isEmpty();
    }

    /** Whether it was stopped before. */
    private boolean stop() {
        lock.lock();
        try {
            boolean again = closed;
            closed = true;
            changed.signalAll();
            return again;
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        try {
            for (Batch<I, O> batch = next(); batch != null; batch = next()) {
                process(batch);
            }
        } catch (InterruptedException e) {
            LOG.debug("{} is closed", name, e);
        }
    }

    /** Waits for a batch that is full or old enough; null when the queue is closed. */
    private Batch<I, O> next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                long now = millis(System.nanoTime());
                Batch<I, O> batch = batcher.next(now, false);
                if (batch != null) {
                    return taken(batch);
                }
                if (batcher.isEmpty()) {
                    changed.await();
                } else {
                    changed.await(batcher.deadlineMillis() - now, TimeUnit.MILLISECONDS);
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private Batch<I, O> taken(Batch<I, O> batch) {
        running++;
        long now = System.nanoTime();
        metrics.dispatched(
                batch.size(), batch.tokens(), now - batch.entries().getFirst().arrivedNanos);
        for (Entry<I, O> entry : batch.entries()) {
            metrics.waited(now - entry.arrivedNanos);
        }
        if (!batcher.isEmpty()) {
            changed.signal();
        }
        return batch;
    }

    private void process(Batch<I, O> whole) throws InterruptedException {
        Deque<Batch<I, O>> parts = new ArrayDeque<>();
        parts.add(whole);
        try {
            while (!parts.isEmpty()) {
                Batch<I, O> batch = parts.removeFirst();
                Call<I, O> call = new Call<>(batch, function);
                call.run();
                Exception failure = call.failureOrWrongResults();
                if (failure == null) {
                    succeed(batch, call);
                } else {
                    recover(batch, failure, parts);
                }
            }
        } catch (InferenceFailedException | RuntimeException | Error e) {
            // Whoever waits hears of it, which fails the job; also of an Error.
            for (Entry<I, O> entry : whole.entries()) {
                future(entry).completeExceptionally(e);
            }
        } finally {
            lock.lock();
            running--;
            lock.unlock();
        }
    }

    private void succeed(Batch<I, O> batch, Call<I, O> call) {
        long now = System.nanoTime();
        lock.lock();
        try {
            metrics.succeeded(call.durationNanos);
            for (Entry<I, O> entry : batch.entries()) {
                inFlight--;
                metrics.emitted(now - entry.arrivedNanos);
            }
        } finally {
            lock.unlock();
        }
        for (int i = 0; i < batch.size(); i++) {
            future(batch.entries().get(i)).complete(call.results.get(i));
        }
    }

    private void recover(Batch<I, O> batch, Exception failure, Deque<Batch<I, O>> parts)
            throws InferenceFailedException, InterruptedException {
        lock.lock();
        try {
            if (closed) {
                throw new InterruptedException("closed while a batch failed");
            }
            metrics.failed();
        } finally {
            lock.unlock();
        }
        switch (recovery.decide(batch, failure)) {
            case Recovery.Step.Retry<I, O>(Batch<I, O> again, long pauseMillis) -> {
                count(metrics::retried);
                Thread.sleep(pauseMillis);
                parts.addFirst(again);
            }
            case Recovery.Step.Split<I, O>(List<Batch<I, O>> halves) -> {
                count(metrics::bisected);
                halves.reversed().forEach(parts::addFirst);
            }
            case Recovery.Step.GiveUp<I, O>(
                            Entry<I, O> entry,
                            String reason,
                            Batch<I, O> others) -> {
                O result;
                lock.lock();
                try {
                    inFlight--;
                    result = givenUp(reason);
                } finally {
                    lock.unlock();
                }
                future(entry).complete(result);
                if (others.size() > 0) {
                    parts.addFirst(others);
                }
            }
        }
    }

    /** Counts a record that is given up; the lock is held. */
    private O givenUp(String reason) {
        if (settings.onFailure() == FailurePolicy.SKIP) {
            metrics.skipped();
            warnings.due()
                    .ifPresent(
                            more -> LOG.warn("{}: a record is skipped: {}{}", name, reason, more));
        } else {
            metrics.deadLettered();
        }
        return instead.apply(reason);
    }

    private void count(Runnable metric) {
        lock.lock();
        try {
            metric.run();
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<O> future(Entry<I, O> entry) {
        return ((Pending<I, O>) entry).future;
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
