package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.flinksigmoid.operators.metrics.InferenceMetrics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Batches, retries and refusals of callers with futures. */
class InferenceQueueTest {
    private static final int POISON = 13;

    /** Of tests whose batches are full: that the submitting thread is stopped cuts none short. */
    private static final Duration UNTIL_FULL = Duration.ofHours(1);

    private final InferenceMetrics metrics = new InferenceMetrics(new UnregisteredMetricsGroup());
    private final Doubling function = new Doubling();
    private InferenceQueue<Integer, String> queue;

    /** Doubles numbers; refuses the poisoned one, fails as often as told, waits if told. */
    private static final class Doubling implements InferenceFunction<Integer, String> {
        private static final long serialVersionUID = 1L;
        final transient List<Integer> sizes = new CopyOnWriteArrayList<>();
        transient volatile int outages;
        transient volatile CountDownLatch gate = new CountDownLatch(0);

        @Override
        public List<String> infer(List<Integer> batch) throws Exception {
            sizes.add(batch.size());
            gate.await();
            if (outages > 0) {
                outages--;
                throw new IllegalStateException("outage");
            }
            if (batch.contains(POISON)) {
                throw new IllegalArgumentException("poison");
            }
            return batch.stream().map(number -> Integer.toString(2 * number)).toList();
        }
    }

    private void open(FailurePolicy policy, Duration linger) {
        InferenceSettings settings =
                InferenceSettings.of(
                        new Configuration()
                                .set(InferenceOptions.MAX_BATCH_SIZE, 8)
                                .set(InferenceOptions.BATCH_TIMEOUT, linger)
                                .set(InferenceOptions.ON_FAILURE, policy)
                                .set(InferenceOptions.RETRY_BACKOFF, Duration.ofMillis(1)));
        queue =
                new InferenceQueue<>(
                        "test", function, settings, metrics, reason -> "none: " + reason);
    }

    private List<CompletableFuture<String>> submit(int from, int to) {
        return IntStream.range(from, to).mapToObj(queue::submit).toList();
    }

    private static List<String> results(List<CompletableFuture<String>> futures) throws Exception {
        List<String> results = new ArrayList<>();
        for (CompletableFuture<String> future : futures) {
            results.add(future.get(1, TimeUnit.MINUTES));
        }
        return results;
    }

    @AfterEach
    void close() {
        assertThat(queue.close(Duration.ofMinutes(1))).isTrue();
    }

    @Test
    void whatComesWhileTheDeviceIsBusyRidesInTheNextBatch() throws Exception {
        open(FailurePolicy.FAIL, Duration.ZERO);
        function.gate = new CountDownLatch(1);
        List<CompletableFuture<String>> first = submit(0, 1);
        while (function.sizes.isEmpty()) {
            Thread.onSpinWait();
        }
        List<CompletableFuture<String>> others = submit(1, 12);
        function.gate.countDown();

        assertThat(results(first)).containsExactly("0");
        assertThat(results(others)).startsWith("2", "4").endsWith("22");
        assertThat(function.sizes).containsExactly(1, 8, 3);
    }

    @Test
    void recordsWaitForCompanyUntilTheLingerIsOver() throws Exception {
        Duration linger = Duration.ofMillis(50);
        open(FailurePolicy.FAIL, linger);
        Duration submitting;
        do { // until the machine lets three come in within the time that the first waits
            function.sizes.clear();
            long start = System.nanoTime();
            List<CompletableFuture<String>> three = submit(0, 3);
            submitting = Duration.ofNanos(System.nanoTime() - start);
            assertThat(results(three)).containsExactly("0", "2", "4");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThan(Duration.ofMillis(45));
        } while (submitting.compareTo(linger.dividedBy(2)) > 0);
        assertThat(function.sizes).containsExactly(3);
    }

    @Test
    void anOutageIsSurvivedByRetries() throws Exception {
        open(FailurePolicy.FAIL, UNTIL_FULL);
        function.outages = 2;
        assertThat(results(submit(0, 8))).hasSize(8);
        assertThat(function.sizes).containsExactly(8, 8, 8);
    }

    @Test
    void aPoisonedRecordIsFoundAndReplacedAndCountsReconcile() throws Exception {
        open(FailurePolicy.DEAD_LETTER, UNTIL_FULL);
        List<String> results = results(submit(10, 18));
        assertThat(results.get(POISON - 10)).startsWith("none: ").contains("poison");
        assertThat(results).filteredOn(result -> !result.startsWith("none")).hasSize(7);
        assertThat(queue.refuse(new InvalidRecordException(0, "no text")).get())
                .contains("no text");
        InferenceMetrics.Counts counts = metrics.counts();
        assertThat(counts.accepted()).isEqualTo(9);
        assertThat(counts.processed()).isEqualTo(7);
        assertThat(counts.deadLettered()).isEqualTo(2);
    }

    @Test
    void withoutAPolicyAPoisonedRecordFailsItsBatch() {
        open(FailurePolicy.FAIL, UNTIL_FULL);
        List<CompletableFuture<String>> futures = submit(10, 18);
        for (CompletableFuture<String> future : futures) {
            assertThatThrownBy(() -> future.get(1, TimeUnit.MINUTES))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("poison");
        }
    }

    @Test
    void aClosedQueueTakesNothingAndLeavesNoThread() {
        open(FailurePolicy.FAIL, Duration.ofSeconds(100));
        CompletableFuture<String> waiting = queue.submit(1);
        assertThat(queue.close(Duration.ofMinutes(1))).isTrue();
        assertThat(waiting).isNotDone();
        assertThatThrownBy(() -> queue.submit(2)).hasMessageContaining("closed");
    }
}
