package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.util.clock.Clock;
import org.apache.flink.util.clock.SystemClock;
import org.apache.flink.util.function.ThrowingRunnable;
import org.flinksigmoid.operators.metrics.BatchSpans;
import org.flinksigmoid.operators.metrics.InferenceMetrics;
import org.junit.jupiter.api.Test;

class BatchRunnerTest {
    private static final Duration LINGER = Duration.ofMillis(2);

    private final Ticking time = new Ticking();
    private final BlockingQueue<ThrowingRunnable<Exception>> mail = new LinkedBlockingQueue<>();
    private final Deque<Integer> left = new ArrayDeque<>();

    /** A clock that moves on by a millisecond whenever somebody looks at it. */
    private static final class Ticking implements ProcessingTimeService {
        private final Deque<ProcessingTimeCallback> timers = new ArrayDeque<>();
        private long now;
        private long timerMillis;

        @Override
        public long getCurrentProcessingTime() {
            return now++;
        }

        @Override
        public ScheduledFuture<?> registerTimer(long time, ProcessingTimeCallback target) {
            timers.add(target);
            timerMillis = time;
            return null;
        }

        @Override
        public Clock getClock() {
            return SystemClock.getInstance();
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(
                ProcessingTimeCallback callback, long delay, long period) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(
                ProcessingTimeCallback callback, long delay, long period) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> quiesce() {
            return CompletableFuture.completedFuture(null);
        }
    }

    private final class Leaving implements InFlight.Emitter<Integer, Integer> {
        @Override
        public void emit(Entry<Integer, Integer> entry) {
            left.add(entry.value);
        }

        @Override
        public void emit(StreamElement event) {}
    }

    private BatchRunner<Integer, Integer> runner(Duration latencyTarget) {
        InferenceFunction<Integer, Integer> echo = batch -> batch;
        MicroBatchInference<Integer, Integer> inference =
                MicroBatchInference.of(echo, Integer.class)
                        .batchTimeout(LINGER)
                        .latencyTarget(latencyTarget);
        var group = new UnregisteredMetricsGroup();
        return new BatchRunner<>(
                "test",
                inference.settings(),
                new Functions<>(new OperatorPlan<>(echo, inference.settings(), null, null, null)),
                new InFlight<>(Order.PER_KEY, new Leaving()),
                new InferenceMetrics(group),
                new BatchSpans(group, Duration.ofSeconds(1), () -> ""),
                time,
                mail::add,
                batch -> {},
                getClass().getClassLoader());
    }

    @Test
    void aRecordWhoseWaitEndsWhileItIsLookedAtIsNotForgotten() throws Exception {
        BatchRunner<Integer, Integer> runner = runner(Duration.ZERO);
        runner.add(entry(runner));
        runner.dispatch(); // the wait ends between the look at the records and that at the timer
        assertThat(time.timers).hasSize(1);
        time.timers.remove().onProcessingTime(time.now);
        mail.poll(1, TimeUnit.MINUTES).run();
        assertThat(left).containsExactly(7);
        assertThat(runner.close(60_000)).isEmpty();
    }

    @Test
    void howLongRecordsTakeMovesTheLimits() {
        BatchRunner<Integer, Integer> runner = runner(Duration.ofMillis(60));
        int first = runner.maxInFlight();
        report(runner, 1);
        int most = runner.maxInFlight();
        assertThat(most).isGreaterThan(2 * first);
        report(runner, 50); // as it should be
        assertThat(runner.maxInFlight()).isEqualTo(most);
        report(runner, 600);
        assertThat(runner.maxInFlight()).isLessThan(first);
        assertThat(runner.close(60_000)).isEmpty();
    }

    /** Many records that have left so many milliseconds after they came in. */
    private static void report(BatchRunner<?, ?> runner, long millis) {
        for (int i = 0; i < 5000; i++) {
            runner.emitted(Duration.ofMillis(millis).toNanos());
        }
    }

    @Test
    void aClockThatIsPutBackDoesNotLengthenARecordsWait() throws Exception {
        long hour = Duration.ofHours(1).toMillis();
        time.now = 2 * hour;
        BatchRunner<Integer, Integer> runner = runner(Duration.ZERO);
        runner.add(entry(runner));
        runner.dispatch();
        time.now = hour;
        time.timers.remove().onProcessingTime(2 * hour); // Flink's run by another clock
        assertThat(time.timerMillis).isBetween(hour, hour + LINGER.toMillis());
        time.timers.remove().onProcessingTime(time.timerMillis);
        mail.poll(1, TimeUnit.MINUTES).run();
        assertThat(left).containsExactly(7);
        assertThat(runner.close(60_000)).isEmpty();
    }

    private static Entry<Integer, Integer> entry(BatchRunner<Integer, Integer> runner) {
        return new Entry<>(
                7,
                false,
                0,
                InFlight.NO_KEY,
                Lane.of(false, "", 0),
                1,
                System.nanoTime(),
                runner.deadlineMillis());
    }
}
