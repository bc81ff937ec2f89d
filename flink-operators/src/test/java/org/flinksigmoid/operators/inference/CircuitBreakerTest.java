package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.util.MockStreamingRuntimeContext;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.operators.metrics.BreakerStatus.State;
import org.flinksigmoid.operators.metrics.ModelStatus;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
    private final Device gpu = new Device("gpu");
    private final Device cpu = new Device("cpu");
    private final CircuitBreaker<TextMessage, Score> breaker =
            CircuitBreaker.between(gpu, cpu).threshold(3).coolDown(Duration.ofMillis(20));

    /** A model that says where it ran, and fails when told to. */
    private static final class Device implements InferenceFunction<TextMessage, Score> {
        private final String name;
        private transient volatile Exception fault;
        private transient volatile Throwable openFault;
        private final transient AtomicInteger calls = new AtomicInteger();
        private final transient AtomicInteger openings = new AtomicInteger();

        /** Permits for openings; one waits for a permit. */
        private final transient Semaphore mayOpen = new Semaphore(1 << 20);

        private transient volatile boolean open;
        private transient volatile CountDownLatch hang;

        Device(String name) {
            this.name = name;
        }

        @Override
        public void open(RuntimeContext context) throws Exception {
            openings.incrementAndGet();
            mayOpen.acquire();
            if (openFault instanceof Error error) {
                throw error;
            }
            if (openFault instanceof Exception exception) {
                throw exception;
            }
            assertThat(open).isFalse();
            open = true;
        }

        @Override
        public List<Score> infer(List<TextMessage> batch) throws Exception {
            assertThat(open).isTrue();
            calls.incrementAndGet();
            while (hang != null && hang.getCount() > 0) {
                Thread.onSpinWait(); // native code knows no interrupts
            }
            if (fault != null) {
                throw fault;
            }
            return batch.stream()
                    .map(m -> new Score(m.key(), m.id(), name, 1, new float[0], 0, 0, name))
                    .toList();
        }

        @Override
        public ModelStatus status() {
            return ModelStatus.of(name, 1, 1);
        }

        @Override
        public void close() {
            open = false;
        }
    }

    private void open() throws Exception {
        breaker.open(new MockStreamingRuntimeContext(1, 0));
    }

    @AfterEach
    void close() throws Exception {
        breaker.close();
        assertThat(gpu.open).isFalse();
        assertThat(cpu.open).isFalse();
    }

    private String whoAnswers() throws Exception {
        return breaker.infer(List.of(Harness.message("k", 1))).getFirst().label();
    }

    private State state() {
        return breaker.status().breaker().state();
    }

    private static void waitUntil(BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("gave up waiting").isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    @Test
    void aFailingDeviceGivesWayToTheCpuAndComesBack() throws Exception {
        open();
        assertThat(whoAnswers()).isEqualTo("gpu");
        gpu.mayOpen.drainPermits(); // open, not half-open, until we have seen it
        gpu.fault = new IOException("lost");
        for (int i = 0; i < 3; i++) {
            assertThat(state()).isEqualTo(State.CLOSED);
            assertThat(whoAnswers()).isEqualTo("cpu");
        }
        assertThat(state()).isEqualTo(State.OPEN);
        assertThat(breaker.status().version()).isEqualTo("cpu");
        assertThat(whoAnswers()).isEqualTo("cpu");
        assertThat(gpu.calls).hasValue(4);
        gpu.mayOpen.release();
        waitUntil(() -> state() == State.HALF_OPEN);
        assertThat(whoAnswers()).isEqualTo("cpu"); // the trial fails, the cpu answers it
        assertThat(state()).isEqualTo(State.OPEN);
        gpu.fault = null;
        gpu.mayOpen.release();
        waitUntil(() -> state() == State.HALF_OPEN);
        assertThat(whoAnswers()).isEqualTo("gpu");
        assertThat(state()).isEqualTo(State.CLOSED);
        assertThat(breaker.status().breaker().openings()).isEqualTo(2);
        assertThat(breaker.status().breaker().fallbackCalls()).isEqualTo(5);
    }

    @Test
    void successesInBetweenKeepItClosed() throws Exception {
        open();
        for (int i = 0; i < 10; i++) {
            gpu.fault = i % 3 < 2 ? new IOException("hiccup") : null;
            whoAnswers();
        }
        assertThat(state()).isEqualTo(State.CLOSED);
    }

    @Test
    void aBatchThatFailsOnBothIsToBlameItself() throws Exception {
        open();
        gpu.fault = new IOException("poison");
        cpu.fault = new IllegalStateException("poison");
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(this::whoAnswers)
                    .isInstanceOf(IllegalStateException.class)
                    .hasSuppressedException(gpu.fault);
        }
        gpu.fault = new InvalidRecordException(0, "too long");
        assertThatThrownBy(this::whoAnswers).isSameAs(gpu.fault);
        assertThat(state()).isEqualTo(State.CLOSED);
    }

    @Test
    void aDeviceThatCannotBeOpenedLeavesTheJobToTheCpu() throws Exception {
        gpu.openFault = new IOException("no device");
        open();
        assertThat(state()).isEqualTo(State.OPEN);
        assertThat(whoAnswers()).isEqualTo("cpu");
        gpu.openFault = null;
        waitUntil(() -> state() == State.HALF_OPEN);
        assertThat(whoAnswers()).isEqualTo("gpu");
        assertThat(state()).isEqualTo(State.CLOSED);
    }

    @Test
    void aCoolDownForEverLeavesTheDeviceAlone() throws Exception {
        breaker.threshold(1).coolDown(ChronoUnit.FOREVER.getDuration());
        open();
        gpu.fault = new IOException("hiccup");
        assertThat(whoAnswers()).isEqualTo("cpu");
        assertThat(state()).isEqualTo(State.OPEN);
        assertThat(whoAnswers()).isEqualTo("cpu");
        assertThat(gpu.calls).hasValue(1);
    }

    @Test
    void aLostDeviceOpensItAtOnceAndForGood() throws Exception {
        open();
        gpu.fault = new DeviceFailureException("illegal address", true);
        assertThat(whoAnswers()).isEqualTo("cpu");
        assertThat(state()).isEqualTo(State.OPEN);
        gpu.fault = null;
        Thread.sleep(60); // several cool-downs
        assertThat(state()).isEqualTo(State.OPEN);
        assertThat(whoAnswers()).isEqualTo("cpu");
        assertThat(gpu.calls).hasValue(1);
        assertThat(breaker.status().breaker().openings()).isEqualTo(1);
    }

    @Test
    void aDeviceThatIsLostWhileItIsOpenedAnewIsNotTriedAgain() throws Exception {
        open();
        breaker.threshold(1);
        gpu.fault = new IOException("hiccup");
        gpu.openFault = new DeviceFailureException("illegal address", true);
        assertThat(whoAnswers()).isEqualTo("cpu");
        waitUntil(() -> gpu.openings.get() == 2);
        Thread.sleep(60); // several cool-downs
        assertThat(gpu.openings).hasValue(2);
        assertThat(state()).isEqualTo(State.OPEN);
        assertThat(whoAnswers()).isEqualTo("cpu");
    }

    @Test
    void aDeviceForWhoseOpeningMemoryRanOutIsTriedAgain() throws Exception {
        open();
        breaker.threshold(1);
        gpu.fault = new IOException("hiccup");
        gpu.openFault = new OutOfMemoryError("Java heap space");
        assertThat(whoAnswers()).isEqualTo("cpu");
        waitUntil(() -> gpu.openings.get() >= 2);
        gpu.fault = null;
        gpu.openFault = null;
        waitUntil(() -> state() == State.HALF_OPEN);
        assertThat(whoAnswers()).isEqualTo("gpu");
    }

    @Test
    void closingOnAnInterruptedThreadLeavesNothingOpen() throws Exception {
        open();
        breaker.threshold(1).coolDown(Duration.ofHours(1));
        gpu.fault = new IOException("hiccup");
        assertThat(whoAnswers()).isEqualTo("cpu");
        Thread.currentThread().interrupt();
        breaker.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(cpu.open).isFalse();
        assertThat(gpu.open).isFalse();
    }

    @Test
    void aCallThatHangsOpensItAtOnceAndKeepsItOpen() throws Exception {
        open();
        gpu.hang = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        Thread stuck =
                new Thread(
                        () -> {
                            entered.countDown();
                            try {
                                whoAnswers();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        stuck.start();
        entered.await();
        waitUntil(() -> gpu.calls.get() == 1);
        stuck.interrupt(); // as the operator does after inference.timeout
        assertThat(whoAnswers()).isEqualTo("cpu");
        assertThat(state()).isEqualTo(State.OPEN);
        Thread.sleep(60); // several cool-downs
        assertThat(state()).isEqualTo(State.OPEN);
        gpu.hang.countDown();
        stuck.join();
        waitUntil(() -> state() == State.HALF_OPEN);
        assertThat(whoAnswers()).isEqualTo("gpu");
    }

    @Test
    void aHalfOpenBreakerLetsOneCallThrough() throws Exception {
        open();
        gpu.fault = new IOException("lost");
        breaker.threshold(1);
        whoAnswers();
        waitUntil(() -> state() == State.HALF_OPEN);
        gpu.fault = null;
        gpu.hang = new CountDownLatch(1);
        int before = gpu.calls.get();
        try (var threads = Executors.newSingleThreadExecutor()) {
            Future<String> trial = threads.submit(this::whoAnswers);
            waitUntil(() -> gpu.calls.get() == before + 1);
            for (int i = 0; i < 5; i++) {
                assertThat(whoAnswers()).isEqualTo("cpu");
            }
            gpu.hang.countDown();
            assertThat(trial.get()).isEqualTo("gpu");
        }
        assertThat(whoAnswers()).isEqualTo("gpu");
    }

    @Test
    void aBreakerInsideTheOperatorLosesNoRecord() throws Exception {
        gpu.fault = new IOException("lost");
        var inference = MicroBatchInference.of(breaker, Score.class).maxBatchSize(4);
        try (Harness harness = Harness.keyed(inference).open()) {
            for (int id = 0; id < 100; id++) {
                harness.send("k" + id % 3, id);
            }
            harness.flink.endInput();
            assertThat(harness.ids()).hasSize(100).doesNotHaveDuplicates();
        }
    }
}
