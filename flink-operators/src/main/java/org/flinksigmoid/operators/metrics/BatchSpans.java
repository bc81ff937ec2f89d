package org.flinksigmoid.operators.metrics;

import java.time.Duration;
import java.util.function.Supplier;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.traces.Span;

/**
 * Batches as spans for Flink's trace reporters, a sample of them. Used by the task's thread only.
 */
public final class BatchSpans {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final MetricGroup group;
    private final long intervalNanos;
    private final Supplier<String> modelVersion;
    private long lastNanos;

    /**
     * @param group the operator's
     * @param interval shortest time from span to span
     * @param modelVersion version of the model that runs
     */
    public BatchSpans(MetricGroup group, Duration interval, Supplier<String> modelVersion) {
        this.group = group;
        this.intervalNanos = interval.toNanos();
        this.modelVersion = modelVersion;
        this.lastNanos = System.nanoTime() - intervalNanos;
    }

    /** Whether it is time for a span. */
    public boolean isDue() {
        return System.nanoTime() - lastNanos >= intervalNanos;
    }

    /**
     * Reports a batch whose call has just ended.
     *
     * @param callNanos time in the function
     * @param waitNanos time its oldest record waited before
     * @param records records in it
     * @param tokens tokens in it
     * @param succeeded whether the call returned results
     */
    public void report(
            long callNanos, long waitNanos, int records, long tokens, boolean succeeded) {
        lastNanos = System.nanoTime();
        long end = System.currentTimeMillis();
        group.addSpan(
                Span.builder(BatchSpans.class, "InferenceBatch")
                        .setStartTsMillis(end - callNanos / NANOS_PER_MILLI)
                        .setEndTsMillis(end)
                        .setAttribute("records", records)
                        .setAttribute("tokens", tokens)
                        .setAttribute("waitMs", waitNanos / NANOS_PER_MILLI)
                        .setAttribute("succeeded", succeeded)
                        .setAttribute("modelVersion", modelVersion.get()));
    }
}
