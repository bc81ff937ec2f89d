package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.flinksigmoid.operators.metrics.InferenceMetrics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where the system allows fewer threads than are asked for, those that were started end. */
@Timeout(120)
class TooFewThreadsTest {
    private static final String LACK = "unable to create native thread";

    private final List<Thread> started = new ArrayList<>();

    private void startTwo(Thread thread) {
        if (started.size() == 2) {
            throw new OutOfMemoryError(LACK);
        }
        thread.start();
        started.add(thread);
    }

    @AfterEach
    void allHaveEnded() throws InterruptedException {
        assertThat(started).hasSize(2);
        for (Thread thread : started) {
            thread.join();
        }
    }

    @Test
    void ofAnOperator() {
        assertThatThrownBy(
                        () ->
                                new DeviceThreads<Integer, Integer>(
                                        "test",
                                        3,
                                        call -> {},
                                        getClass().getClassLoader(),
                                        this::startTwo))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage(LACK);
    }

    @Test
    void ofAQueue() {
        InferenceSettings settings =
                InferenceSettings.of(
                        new Configuration()
                                .set(InferenceOptions.MAX_BATCH_SIZE, 1)
                                .set(InferenceOptions.CONCURRENCY, 3));
        InferenceFunction<Integer, Integer> same = batch -> batch;
        assertThatThrownBy(
                        () ->
                                new InferenceQueue<>(
                                        "test",
                                        same,
                                        settings,
                                        new InferenceMetrics(new UnregisteredMetricsGroup()),
                                        reason -> 0,
                                        this::startTwo))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage(LACK);
    }
}
