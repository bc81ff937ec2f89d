package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that help to copy. */
@Tag("codegen")
@Timeout(60)
class CrewTest {
    @Test
    void asManyHelpAsAreWantedButNoneThatIsBusy() throws InterruptedException {
        Crew crew = new Crew(4);
        CountDownLatch begun = new CountDownLatch(3);
        Semaphore end = new Semaphore(0);
        Runnable work =
                () -> {
                    begun.countDown();
                    end.acquireUninterruptibly();
                };
        assertThat(crew.help(work, 3)).isEqualTo(3);
        begun.await();
        assertThat(crew.help(work, 3)).isEqualTo(1);
        assertThat(crew.help(work, 3)).isZero();
        end.release(4);
    }

    @Test
    void whoIsFallingAsleepIsWoken() {
        Crew crew = new Crew(1);
        Semaphore done = new Semaphore(0);
        for (int round = 0; round < 20_000; round++) {
            while (crew.help(done::release, 1) == 0) {
                Thread.onSpinWait();
            }
            done.acquireUninterruptibly();
            busyFor(round * 5L); // up to twice as long as it looks for work
        }
    }

    @Test
    void whoFailedHelpsAgain() {
        Crew crew = new Crew(1);
        crew.help(
                () -> {
                    throw new IllegalStateException("as asked");
                },
                1);
        Semaphore done = new Semaphore(0);
        while (crew.help(done::release, 1) == 0) {
            Thread.onSpinWait();
        }
        done.acquireUninterruptibly();
    }

    @Test
    void whoHelpsHoldsNoClassLoaderOfWhoAskedFirst() throws Exception {
        CompletableFuture<ClassLoader> seen = new CompletableFuture<>();
        Thread asking = Thread.currentThread();
        ClassLoader before = asking.getContextClassLoader();
        try (URLClassLoader job = new URLClassLoader(new URL[0], before)) {
            asking.setContextClassLoader(job);
            new Crew(1)
                    .help(() -> seen.complete(Thread.currentThread().getContextClassLoader()), 1);
        } finally {
            asking.setContextClassLoader(before);
        }
        assertThat(seen.get()).isSameAs(Crew.class.getClassLoader());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void whatCannotBeCopiedFailsItsCallerAndHoldsNobodyUp(int helpers) {
        Floats values = Floats.of(List.of(new float[1 << 16], new float[1 << 16]));
        try (Arena arena = Arena.ofShared()) {
            MemorySegment tooSmall = arena.allocate(values.count());
            Upload upload = new Upload(values, tooSmall, new Crew(helpers));
            assertThatIllegalStateException()
                    .isThrownBy(() -> upload.await(values.count()))
                    .withCauseInstanceOf(IndexOutOfBoundsException.class);
            upload.abandon();
        }
    }

    @Test
    void ofTwoProcessorsNoneHelps() {
        assertThat(Crew.sizeFor(1)).isZero();
        assertThat(Crew.sizeFor(2)).isZero();
        assertThat(Crew.sizeFor(4)).isEqualTo(1);
        assertThat(Crew.sizeFor(128)).isLessThan(10);
        assertThat(new Crew(0).help(() -> {}, 3)).isZero();
    }

    private static void busyFor(long nanos) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < nanos) {
            Thread.onSpinWait();
        }
    }
}
