package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that help others with short work. Each looks for more for a moment after it has worked,
 * as the next batch may follow at once, and then sleeps. They live as long as the process; the
 * first work starts them.
 */
final class Crew {
    private static final Logger LOG = LoggerFactory.getLogger(Crew.class);
    private static final int MOST = 5;

    /** How long a thread that has nothing to do looks for work: what waking it would take. */
    private static final long LOOKING_NANOS = 50_000;

    private final Worker[] workers;

    /** So many threads. */
    Crew(int size) {
        workers = new Worker[size];
        for (int i = 0; i < size; i++) {
            workers[i] = new Worker();
        }
    }

    /** How many help on a host with so many processors: less than half of them, none of two. */
    static int sizeFor(int processors) {
        return Math.clamp(processors / 2 - 1, 0, MOST);
    }

    /**
     * Lets up to {@code wanted} threads that have nothing to do run {@code work}, each once. It may
     * start late, when there is nothing left to do.
     *
     * @return how many will
     */
    int help(Runnable work, int wanted) {
        int found = 0;
        for (int i = 0; i < workers.length && found < wanted; i++) {
            if (workers[i].offer(work)) {
                found++;
            }
        }
        return found;
    }

    private static final class Worker implements Runnable {
        private final AtomicReference<Runnable> work = new AtomicReference<>();
        private volatile boolean asleep;

        /** Starts with the first work; only who offered that writes it. */
        private volatile Thread thread;

        boolean offer(Runnable offered) {
            if (!work.compareAndSet(null, offered)) {
                return false;
            }
            if (thread == null) {
                thread =
                        Thread.ofPlatform().daemon().name("flink-sigmoid-gpu-copy").unstarted(this);
                // It outlives the job that is the first to need it, and must not hold its classes.
                thread.setContextClassLoader(Crew.class.getClassLoader());
                thread.start();
            } else if (asleep) {
                LockSupport.unpark(thread);
            }
            return true;
        }

        @Override
        public void run() {
            while (true) {
                await();
                try {
                    work.get().run();
                } catch (RuntimeException | Error e) {
                    LOG.warn("A thread that copies for the GPU failed", e);
                } finally {
                    work.set(null);
                }
            }
        }

        private void await() {
            long since = System.nanoTime();
            while (work.get() == null) {
                if (System.nanoTime() - since < LOOKING_NANOS) {
                    Thread.onSpinWait();
                } else {
                    asleep = true;
                    if (work.get() == null) { // else it came before anybody saw this asleep
                        LockSupport.park(this);
                    }
                    asleep = false;
                }
            }
        }
    }
}
