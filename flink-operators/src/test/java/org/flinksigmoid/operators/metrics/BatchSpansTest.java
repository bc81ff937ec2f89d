package org.flinksigmoid.operators.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.traces.Span;
import org.apache.flink.traces.SpanBuilder;
import org.junit.jupiter.api.Test;

class BatchSpansTest {
    private final List<Span> spans = new ArrayList<>();
    private final Map<String, Object> gauges = new HashMap<>();

    /** Keeps what is reported. */
    private final class Group extends UnregisteredMetricsGroup {
        @Override
        public void addSpan(SpanBuilder builder) {
            spans.add(builder.build());
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            gauges.put(name, gauge.getValue());
            return gauge;
        }
    }

    @Test
    void aSpanTellsOfItsBatch() {
        BatchSpans batches = new BatchSpans(new Group(), Duration.ofHours(1), () -> "v7");
        assertThat(batches.isDue()).isTrue();
        batches.report(30_000_000, 5_000_000, 64, 2000, true);
        assertThat(batches.isDue()).isFalse();
        Span span = spans.getFirst();
        assertThat(span.getName()).isEqualTo("InferenceBatch");
        assertThat(span.getEndTsMillis() - span.getStartTsMillis()).isEqualTo(30);
        assertThat(span.getAttributes())
                .containsEntry("records", 64L)
                .containsEntry("tokens", 2000L)
                .containsEntry("waitMs", 5L)
                .containsEntry("succeeded", true)
                .containsEntry("modelVersion", "v7");
    }

    @Test
    void withoutAnIntervalEveryBatchIsReported() {
        BatchSpans batches = new BatchSpans(new Group(), Duration.ZERO, () -> "");
        for (int i = 0; i < 10; i++) {
            assertThat(batches.isDue()).isTrue();
            batches.report(1, 1, 1, 1, false);
        }
        assertThat(spans).hasSize(10);
    }

    @Test
    void aModelIsShownInTextAndInNumbers() {
        ModelStatus status =
                ModelStatus.of("0123456789ab", 100, 7)
                        .withDeviceBytes(350)
                        .withBreaker(new BreakerStatus(BreakerStatus.State.OPEN, 3, 40));
        ModelMetrics.register(new Group(), () -> status);
        assertThat(gauges)
                .containsEntry("modelVersion", "0123456789ab")
                .containsEntry("modelVersionNumber", 0x0123456789abL)
                .containsEntry("modelsLoaded", 1L)
                .containsEntry("modelBytes", 100L)
                .containsEntry("modelDeviceBytes", 350L)
                .containsEntry("modelLoadMs", 7L)
                .containsEntry("breakerState", 2L)
                .containsEntry("breakerOpenings", 3L)
                .containsEntry("breakerFallbackCalls", 40L);
        ModelMetrics.register(new Group(), () -> ModelStatus.NONE);
        assertThat(gauges)
                .containsEntry("modelVersionNumber", 0L)
                .containsEntry("breakerState", 0L);
        ModelMetrics.register(new Group(), () -> ModelStatus.of("release-3", 1, 1));
        assertThat((Long) gauges.get("modelVersionNumber")).isPositive();
    }
}
