package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
    @Test
    void everyIndexRunsOnceInEveryLoop() {
        try (WorkerPool pool = new WorkerPool(3)) {
            for (int count = 0; count < 300; count++) {
                AtomicIntegerArray runs = new AtomicIntegerArray(count);
                pool.run((index, worker) -> runs.incrementAndGet(index), count);
                for (int i = 0; i < count; i++) {
                    assertThat(runs.get(i)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void partsMayBeUnevenAndEmpty() {
        try (WorkerPool pool = new WorkerPool(3)) {
            for (int[] parts :
                    new int[][] {{0, 0, 5, 9}, {0, 7, 7, 7}, {0, 0, 0, 0}, {0, 0, 1, 1}}) {
                AtomicIntegerArray runs = new AtomicIntegerArray(parts[3]);
                pool.run((index, worker) -> runs.incrementAndGet(index), parts);
                for (int i = 0; i < parts[3]; i++) {
                    assertThat(runs.get(i)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void workersHaveNumbersBelowTheThreads() {
        try (WorkerPool pool = new WorkerPool(2)) {
            AtomicIntegerArray seen = new AtomicIntegerArray(2);
            for (int loop = 0; loop < 100; loop++) {
                pool.run((index, worker) -> seen.incrementAndGet(worker), 10);
            }
            assertThat(seen.get(0) + seen.get(1)).isEqualTo(1000);
        }
    }

    @Test
    void aThreadBeginsWithItsOwnPartAndHelpsWithTheOthers() {
        try (WorkerPool pool = new WorkerPool(2)) {
            int[] by = new int[8];
            CountDownLatch helped = new CountDownLatch(3);
            CountDownLatch begun = new CountDownLatch(1);
            pool.run(
                    (index, worker) -> {
                        by[index] = worker;
                        if (worker == 1) {
                            begun.countDown();
                            await(helped); // until the caller has done the rest of this part
                        } else if (index == 3) {
                            await(begun);
                        } else if (index >= 4) {
                            helped.countDown();
                        }
                    },
                    8);
            assertThat(by).containsExactly(0, 0, 0, 0, 1, 0, 0, 0);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(2, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void threadsHoldNoClassLoaderOfWhoStartsThem() throws IOException {
        List<Thread> threads = new ArrayList<>();
        Thread starter = Thread.currentThread();
        ClassLoader before = starter.getContextClassLoader();
        try (URLClassLoader job = new URLClassLoader(new URL[0], before)) {
            starter.setContextClassLoader(job);
            new WorkerPool(3, threads::add).close();
        } finally {
            starter.setContextClassLoader(before);
        }
        assertThat(threads)
                .hasSize(2)
                .extracting(Thread::getContextClassLoader)
                .containsOnly(WorkerPool.class.getClassLoader());
    }

    @Test
    void aFailureReachesTheCallerAndTheNextLoopRuns() {
        try (WorkerPool pool = new WorkerPool(2)) {
            WorkerPool.Task failing =
                    (index, worker) -> {
                        if (index == 5) {
                            throw new IllegalStateException("index 5");
                        }
                    };
            assertThatThrownBy(() -> pool.run(failing, 10))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("index 5");
            AtomicIntegerArray runs = new AtomicIntegerArray(10);
            pool.run((index, worker) -> runs.incrementAndGet(index), 10);
            assertThat(runs.get(9)).isEqualTo(1);
        }
    }

    @Test
    void twoCallersShareAPoolWithoutMixingTheirLoops() throws InterruptedException {
        try (WorkerPool pool = new WorkerPool(2)) {
            AtomicIntegerArray runs = new AtomicIntegerArray(64);
            Thread other = new Thread(() -> repeat(pool, runs, 0));
            other.start();
            repeat(pool, runs, 32);
            other.join();
            for (int i = 0; i < 64; i++) {
                assertThat(runs.get(i)).isEqualTo(200);
            }
        }
    }

    @Test
    void threadsThatWereStartedEndWhereTheNextOneCannotBe() throws InterruptedException {
        List<Thread> started = new ArrayList<>();
        assertThatThrownBy(() -> new WorkerPool(5, thread -> startUpToTwo(thread, started)))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage(
                        "threads of an encoder: expected to start 4, found that 3 is too many for"
                            + " this process (unable to create native thread): set fewer threads,"
                            + " or allow more with ulimit -u");
        for (Thread thread : started) {
            thread.join();
        }
        assertThat(started).hasSize(2);
    }

    private static void startUpToTwo(Thread thread, List<Thread> started) {
        if (started.size() == 2) {
            throw new OutOfMemoryError("unable to create native thread");
        }
        thread.start();
        started.add(thread);
    }

    private static void repeat(WorkerPool pool, AtomicIntegerArray runs, int from) {
        for (int loop = 0; loop < 200; loop++) {
            pool.run((index, worker) -> runs.incrementAndGet(from + index), 32);
        }
    }
}
