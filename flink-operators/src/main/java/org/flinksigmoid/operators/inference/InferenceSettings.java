package org.flinksigmoid.operators.inference;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Settings of one micro-batch operator; see {@link MicroBatchInference} and {@link
 * InferenceOptions} for what each means.
 *
 * @param maxBatchSize records per batch
 * @param maxBatchTokens tokens per batch; a larger record runs alone
 * @param batchTimeout longest wait of a record for company
 * @param maxInFlight records inside the operator before its input waits
 * @param concurrency calls of the function at a time
 * @param order order of results
 * @param onFailure what becomes of a record that can't be processed
 * @param retry repeated calls
 * @param inferenceTimeout longest call; zero for no limit
 * @param lengthBuckets largest lengths of the buckets, ascending; none to mix all lengths
 * @param latencyTarget 99th percentile to keep; zero for fixed limits
 * @param spanInterval shortest time between two batches reported as spans
 */
public record InferenceSettings(
        int maxBatchSize,
        long maxBatchTokens,
        Duration batchTimeout,
        int maxInFlight,
        int concurrency,
        Order order,
        FailurePolicy onFailure,
        RetryPolicy retry,
        Duration inferenceTimeout,
        List<Integer> lengthBuckets,
        Duration latencyTarget,
        Duration spanInterval)
        implements Serializable {
    /** Longer times would overflow in sums and as nanoseconds: a hundred years. */
    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    /** Calls at a time, each on a thread of its own in every subtask. */
    private static final int MOST_CALLS = 1024;

    /** Checks the settings against each other. */
    public InferenceSettings {
        atLeastOne(InferenceOptions.MAX_BATCH_SIZE.key(), maxBatchSize);
        atLeastOne(InferenceOptions.MAX_BATCH_TOKENS.key(), maxBatchTokens);
        if (concurrency < 1 || concurrency > MOST_CALLS) {
            throw new IllegalArgumentException(
                    "%s: expected 1 to %d, found %d"
                            .formatted(
                                    InferenceOptions.CONCURRENCY.key(), MOST_CALLS, concurrency));
        }
        if (maxInFlight < maxBatchSize) {
            throw new IllegalArgumentException(
                    "%s: expected at least %s = %d, so that a batch can fill, found %d"
                            .formatted(
                                    InferenceOptions.MAX_IN_FLIGHT.key(),
                                    InferenceOptions.MAX_BATCH_SIZE.key(),
                                    maxBatchSize,
                                    maxInFlight));
        }
        notNegative(InferenceOptions.BATCH_TIMEOUT.key(), batchTimeout);
        notNegative(InferenceOptions.INFERENCE_TIMEOUT.key(), inferenceTimeout);
        notNegative(InferenceOptions.LATENCY_TARGET.key(), latencyTarget);
        notNegative(InferenceOptions.SPAN_INTERVAL.key(), spanInterval);
        batchTimeout = bounded(batchTimeout);
        inferenceTimeout = bounded(inferenceTimeout);
        latencyTarget = bounded(latencyTarget);
        spanInterval = bounded(spanInterval);
        lengthBuckets = List.copyOf(lengthBuckets);
        for (int i = 0; i < lengthBuckets.size(); i++) {
            if (lengthBuckets.get(i) <= (i == 0 ? 0 : lengthBuckets.get(i - 1))) {
                throw new IllegalArgumentException(
                        InferenceOptions.LENGTH_BUCKETS.key()
                                + ": expected ascending lengths from 1, found "
                                + lengthBuckets);
            }
        }
    }

    /**
     * As the options say, each that is not set by its default.
     *
     * @throws IllegalArgumentException if they contradict each other, naming their keys
     */
    public static InferenceSettings of(ReadableConfig options) {
        int size = options.get(InferenceOptions.MAX_BATCH_SIZE);
        int concurrency = options.get(InferenceOptions.CONCURRENCY);
        List<Integer> buckets = options.get(InferenceOptions.LENGTH_BUCKETS);
        return new InferenceSettings(
                size,
                options.get(InferenceOptions.MAX_BATCH_TOKENS),
                options.get(InferenceOptions.BATCH_TIMEOUT),
                options.getOptional(InferenceOptions.MAX_IN_FLIGHT)
                        .orElseGet(() -> defaultMaxInFlight(size, concurrency, buckets.size() + 1)),
                concurrency,
                options.get(InferenceOptions.ORDER),
                options.get(InferenceOptions.ON_FAILURE),
                RetryPolicy.exponential(
                        options.get(InferenceOptions.MAX_ATTEMPTS),
                        options.get(InferenceOptions.RETRY_BACKOFF)),
                options.get(InferenceOptions.INFERENCE_TIMEOUT),
                buckets,
                options.get(InferenceOptions.LATENCY_TARGET),
                options.get(InferenceOptions.SPAN_INTERVAL));
    }

    /**
     * Records in flight where nobody says how many: four batches for each call and bucket.
     *
     * @param buckets of lengths, at least 1
     */
    static int defaultMaxInFlight(int maxBatchSize, int concurrency, int buckets) {
        long records = 4L * Math.max(1, concurrency) * maxBatchSize * buckets;
        return (int) Math.min(records, Integer.MAX_VALUE);
    }

    /** Index of the bucket for a length; the last one has no upper end. */
    int bucket(long tokens) {
        int bucket = 0;
        while (bucket < lengthBuckets.size() && tokens > lengthBuckets.get(bucket)) {
            bucket++;
        }
        return bucket;
    }

    /** Longest wait for company: no more than a quarter of the latency target, if there is one. */
    Duration linger() {
        return latencyTarget.isZero()
                ? batchTimeout
                : shorter(latencyTarget.dividedBy(4), batchTimeout);
    }

    /** The duration, or a hundred years if that is less: its nanoseconds are a number. */
    static Duration bounded(Duration value) {
        return shorter(value, FOR_EVER);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static void atLeastOne(String key, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": expected 1 or more, found " + value);
        }
    }

    private static void notNegative(String key, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(key + ": expected 0 or more, found " + value);
        }
    }
}
