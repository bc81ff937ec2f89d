package org.flinksigmoid.operators.inference;

import java.io.Serializable;
import java.time.Duration;

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
        Duration inferenceTimeout)
        implements Serializable {

    /** Checks the settings against each other. */
    public InferenceSettings {
        atLeastOne(InferenceOptions.MAX_BATCH_SIZE.key(), maxBatchSize);
        atLeastOne(InferenceOptions.MAX_BATCH_TOKENS.key(), maxBatchTokens);
        atLeastOne(InferenceOptions.CONCURRENCY.key(), concurrency);
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
