package org.flinksigmoid.kernels.internal.vector;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A parallel loop over {@code threads} threads, the caller being one of them. Allocates nothing per
 * loop. When two callers meet, the second runs its loop alone rather than wait.
 *
 * <p>Each thread has a part of the indices, the same in every such loop, and begins with it: rows
 * that it wrote in one loop are in its cache in the next. Then it helps with the others' parts. So
 * which thread runs an index is a matter of chance; what it computes must not be.
 */
final class WorkerPool implements AutoCloseable {
    /** The body of a loop. */
    interface Task {
        /**
         * Runs one index.
         *
         * @param worker which thread this is, below {@link WorkerPool#threads()}: for scratch
         */
        void run(int index, int worker);
    }

    /**
     * How long an idle worker looks for the next loop, once all have ended the last one, before it
     * sleeps. Waking it takes a virtual machine 50 us and more, and often puts it on the caller's
     * processor: one that slept while another finished a long share cost two threads up to 0.7 ms a
     * loop.
     */
    private static final long SPIN_NANOS = 200_000;

    /** Low half of a ticket when no index of the part is left. */
    private static final int CLOSED = Integer.MAX_VALUE;

    /**
     * Longs from one ticket to the next: no two threads' lie in one line of a cache or its twin.
     */
    private static final int APART = 16;

    private final Worker[] workers;
    private final ReentrantLock oneLoop = new ReentrantLock();

    /**
     * For each thread the number of the loop in the upper half, its part's next index in the lower.
     */
    private final AtomicLongArray tickets;

    private final AtomicInteger done = new AtomicInteger();
    private Task task = (index, worker) -> {};

    /** Where each thread's part of the loop begins, and the last one's ends. */
    private int[] parts;

    /** As {@link #parts}, all as long as each other. */
    private final int[] even;

    private volatile Throwable failure;
    private volatile boolean stopped;

    /**
     * Starts its threads, the caller's but not among them.
     *
     * @throws OutOfMemoryError if the system allows fewer; then none runs on
     */
    WorkerPool(int threads) {
        this(threads, Thread::start);
    }

    /** Told how a thread is started. */
    WorkerPool(int threads, Consumer<Thread> starter) {
        even = new int[threads + 1];
        parts = even;
        tickets = new AtomicLongArray(threads * APART);
        for (int i = 0; i < threads; i++) {
            tickets.set(i * APART, CLOSED);
        }
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
        }
        start(starter);
    }

    private void start(Consumer<Thread> starter) {
        int started = 0;
        try {
            for (Worker worker : workers) {
                starter.accept(worker);
                started++;
            }
        } catch (OutOfMemoryError e) {
            close();
            OutOfMemoryError said =
                    new OutOfMemoryError(
                            ("threads of an encoder: expected to start %d, found that %d is too"
                                 + " many for this process (%s): set fewer threads, or allow more"
                                 + " with ulimit -u")
                                    .formatted(workers.length, started + 1, e.getMessage()));
            said.initCause(e);
            throw said;
        }
    }

    /** Threads of a loop, the caller included. */
    int threads() {
        return workers.length + 1;
    }

    /** Runs {@code task} for every index below {@code count}; returns when all are done. */
    void run(Task task, int count) {
        if (!enter(count)) {
            alone(task, count);
            return;
        }
        try {
            for (int i = 0; i <= threads(); i++) {
                even[i] = (int) ((long) count * i / threads());
            }
            share(task, even);
        } finally {
            oneLoop.unlock();
        }
    }

    /**
     * Runs {@code task} for every index below the last of {@code parts}.
     *
     * @param parts where each thread's part begins, in order, and behind them where the last ends
     */
    void run(Task task, int[] parts) {
        int count = parts[threads()];
        if (!enter(count)) {
            alone(task, count);
            return;
        }
        try {
            share(task, parts);
        } finally {
            oneLoop.unlock();
        }
    }

    private static void alone(Task task, int count) {
        for (int i = 0; i < count; i++) {
            task.run(i, 0);
        }
    }

    private boolean enter(int count) {
        return count > 1
                && workers.length > 0
                && !oneLoop.isHeldByCurrentThread()
                && !stopped
                && oneLoop.tryLock();
    }

    private void share(Task task, int[] parts) {
        this.task = task;
        this.parts = parts;
        int count = count();
        failure = null;
        done.setPlain(0);
        long loop = (tickets.getPlain(0) >>> 32) + 1;
        for (int i = 0; i < threads(); i++) {
            tickets.set(i * APART, loop << 32 | parts[i]);
        }
        for (int i = 0; i < Math.min(workers.length, count - 1); i++) {
            workers[i].wake();
        }
        takeIndices(0);
        for (int spins = 0; done.get() < count; spins++) {
            if (spins < 10_000) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
        // A late worker must not claim an index of this loop once the next one's fields are set.
        for (int i = 0; i < threads(); i++) {
            tickets.set(i * APART, loop << 32 | CLOSED);
        }
        rethrow(failure);
    }

    /** Indices of the loop. */
    private int count() {
        return parts[threads()];
    }

    /** Runs indices until none is left. */
    private void takeIndices(int worker) {
        for (int i = 0; i < threads(); i++) {
            takePart((worker + i) % threads(), worker);
        }
    }

    /** A claim succeeds only in the loop whose fields were read. */
    private void takePart(int part, int worker) {
        while (true) {
            long seen = tickets.get(part * APART);
            int index = (int) seen;
            if (index == CLOSED || index >= parts[part + 1]) {
                return;
            }
            Task body = task;
            if (!tickets.compareAndSet(part * APART, seen, seen + 1)) {
                continue;
            }
            try {
                body.run(index, worker);
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                done.incrementAndGet();
            }
        }
    }

    private static void rethrow(Throwable failure) {
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }

    @Override
    public void close() {
        stopped = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    /** One helper thread. */
    private final class Worker extends Thread {
        private final int id;
        private volatile boolean asleep;

        Worker(int id) {
            super("flink-sigmoid-vector-" + id);
            this.id = id;
            setDaemon(true);
            // Not that of the job which happens to load first: others may use the engine for
            // longer.
            setContextClassLoader(WorkerPool.class.getClassLoader());
        }

        void wake() {
            if (asleep) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            long last = 0;
            while (!stopped) {
                long loop = await(last);
                takeIndices(id);
                last = loop;
            }
        }

        /** Returns the number of a loop other than {@code last}, spinning first, then sleeping. */
        private long await(long last) {
            long deadline = System.nanoTime() + SPIN_NANOS;
            long loop = current();
            while (loop == last && !stopped) {
                if (System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                } else if (done.get() < count()) {
                    Thread.yield();
                    deadline = System.nanoTime() + SPIN_NANOS;
                } else {
                    asleep = true;
                    if (current() == last && !stopped) {
                        LockSupport.park(WorkerPool.this);
                    }
                    asleep = false;
                }
                loop = current();
            }
            return loop;
        }

        /** Number of the loop that runs, or ran last. */
        private long current() {
            return tickets.get(id * APART) >>> 32;
        }
    }
}
