package org.flinksigmoid.operators.metrics;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * What a micro-batch operator reports, in the group {@code inference} of its operator. Updated by
 * one thread at a time. At any moment
 *
 * <pre>recordsAccepted = totalRecordsProcessed + recordsSkipped + deadLetters + recordsInFlight
 * </pre>
 *
 * <p>{@code batchSize}, {@code batchLatencyMs}, {@code asyncCallDurationMs}, {@code
 * inflightBatches}, {@code totalBatchesProcessed}, {@code totalRecordsProcessed}, {@code
 * asyncCallFailures}, {@code batchRetryCount} and {@code batchTimeoutCount} carry the names that
 * Flink's own proposal (FLINK-38825) gives them.
 */
public final class InferenceMetrics {
    private static final double NANOS_PER_MILLI = 1e6;

    private final MetricGroup group;
    private final Counter accepted;
    private final Counter processed;
    private final Counter skipped;
    private final Counter deadLetters;
    private final Counter batches;
    private final Counter failures;
    private final Counter retries;
    private final Counter timeouts;
    private final Counter bisections;
    private final SlidingHistogram batchSize = new SlidingHistogram();
    private final SlidingHistogram batchTokens = new SlidingHistogram();
    private final SlidingHistogram batchLatency = new SlidingHistogram();
    private final SlidingHistogram queueWait = new SlidingHistogram();
    private final SlidingHistogram callDuration = new SlidingHistogram();
    private final SlidingHistogram recordLatency = new SlidingHistogram();

    /**
     * Registers everything but the gauges.
     *
     * @param operator the operator's group
     */
    public InferenceMetrics(MetricGroup operator) {
        group = operator.addGroup("inference");
        accepted = group.counter("recordsAccepted");
        processed = group.counter("totalRecordsProcessed");
        skipped = group.counter("recordsSkipped");
        deadLetters = group.counter("deadLetters");
        batches = group.counter("totalBatchesProcessed");
        failures = group.counter("asyncCallFailures");
        retries = group.counter("batchRetryCount");
        timeouts = group.counter("batchTimeoutCount");
        bisections = group.counter("batchBisectionCount");
        group.histogram("batchSize", batchSize);
        group.histogram("batchTokens", batchTokens);
        group.histogram("batchLatencyMs", batchLatency);
        group.histogram("queueWaitMs", queueWait);
        group.histogram("asyncCallDurationMs", callDuration);
        group.histogram("recordLatencyMs", recordLatency);
    }

    /** Registers a number that is read when it is reported. */
    public void gauge(String name, LongSupplier value) {
        group.gauge(name, (Gauge<Long>) value::getAsLong);
    }

    /** A counter of its own name. */
    public Counter counter(String name) {
        return group.counter(name);
    }

    /** Shows the model; see {@link ModelMetrics}. */
    public void model(Supplier<ModelStatus> status) {
        ModelMetrics.register(group, status);
    }

    /** Shows the second model, in the group {@code second} inside this one. */
    public void secondModel(Supplier<ModelStatus> status) {
        ModelMetrics.register(group.addGroup("second"), status);
    }

    /** A record came in, or was restored from a checkpoint. */
    public void accepted() {
        accepted.inc();
    }

    /**
     * A batch was handed to the device.
     *
     * @param records records in it
     * @param tokens tokens in it
     * @param ageNanos time since its oldest record came in
     */
    public void dispatched(int records, long tokens, long ageNanos) {
        batchSize.update(records);
        batchTokens.update(tokens);
        batchLatency.update(millis(ageNanos));
    }

    /** A record waited that long, from coming in to the start of its first inference. */
    public void waited(long nanos) {
        queueWait.update(millis(nanos));
    }

    /** A call of the function returned results. */
    public void succeeded(long nanos) {
        batches.inc();
        callDuration.update(millis(nanos));
    }

    /** A call of the function failed. */
    public void failed() {
        failures.inc();
    }

    /** A failed batch will be tried again. */
    public void retried() {
        retries.inc();
    }

    /** A call of the function took too long. */
    public void timedOut() {
        timeouts.inc();
    }

    /** A failed batch was cut in two. */
    public void bisected() {
        bisections.inc();
    }

    /** A result went out, that long after its record came in. */
    public void emitted(long nanos) {
        processed.inc();
        recordLatency.update(millis(nanos));
    }

    /** A record was given up without a trace but this one. */
    public void skipped() {
        skipped.inc();
    }

    /** A record went to the dead letters. */
    public void deadLettered() {
        deadLetters.inc();
    }

    /**
     * What became of the records, in all.
     *
     * @param accepted came in
     * @param processed went out with a result
     * @param skipped given up, counted only
     * @param deadLettered given up, sent to the side output
     * @param timeouts calls that took too long
     */
    public record Counts(
            long accepted, long processed, long skipped, long deadLettered, long timeouts) {}

    /** What became of the records so far. */
    public Counts counts() {
        return new Counts(
                accepted.getCount(),
                processed.getCount(),
                skipped.getCount(),
                deadLetters.getCount(),
                timeouts.getCount());
    }

    private static long millis(long nanos) {
        return Math.round(nanos / NANOS_PER_MILLI);
    }
}
