package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.ExceptionUtils;
import org.flinksigmoid.operators.metrics.InferenceMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LateCloseTest {
    private final CountDownLatch called = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    /** A call that ignores interrupts, as native code does. */
    private final class Stubborn implements InferenceFunction<Integer, Integer> {
        private static final long serialVersionUID = 1L;

        @Override
        public List<Integer> infer(List<Integer> batch) {
            called.countDown();
            while (gate.getCount() > 0) {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    // goes on
                }
            }
            return batch;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    @Test
    void aModelIsClosedWhenTheCallThatOutlivesTheTaskHasEnded() throws Exception {
        InferenceFunction<Integer, Integer> function = new Stubborn();
        DeviceThreads<Integer, Integer> threads =
                new DeviceThreads<>("test", 2, call -> {}, getClass().getClassLoader());
        Entry<Integer, Integer> entry =
                new Entry<>(1, false, 0, InFlight.NO_KEY, Lane.of(false, "", 0), 1, 0, 0);
        threads.submit(new Call<>(new Batch<>(List.of(entry), 0, false), function));
        called.await();
        List<Thread> calling = threads.close(10);
        assertThat(calling).hasSize(1);
        LateClose.close("test", calling, function::close);
        assertThat(closed.getCount()).as("while the call runs").isEqualTo(1);
        gate.countDown();
        assertThat(closed.await(1, TimeUnit.MINUTES)).isTrue();
    }

    /** Thrown while a task is cancelled, Flink takes it for the end of the TaskManager. */
    @Test
    void aModelThatCannotBeClosedFailsNobody() {
        for (Throwable failure :
                List.of(new IllegalStateException("made up"), new NoClassDefFoundError("Gone"))) {
            LateClose.close("test", List.of(), () -> ExceptionUtils.rethrowException(failure));
        }
        LateClose.close(
                "test",
                List.of(),
                () -> {
                    throw new InterruptedException("made up");
                });
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aQueueClosesItsFunctionAfterTheLastCallToo() throws Exception {
        InferenceQueue<Integer, Integer> queue =
                new InferenceQueue<>(
                        "test",
                        new Stubborn(),
                        InferenceSettings.of(
                                new Configuration().set(InferenceOptions.MAX_BATCH_SIZE, 1)),
                        new InferenceMetrics(new UnregisteredMetricsGroup()),
                        reason -> 0);
        queue.submit(1);
        called.await();
        assertThat(queue.close(Duration.ofMillis(10))).isFalse();
        assertThat(closed.getCount()).as("while the call runs").isEqualTo(1);
        gate.countDown();
        assertThat(closed.await(1, TimeUnit.MINUTES)).isTrue();
    }
}
