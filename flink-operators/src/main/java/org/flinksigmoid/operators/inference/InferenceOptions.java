package org.flinksigmoid.operators.inference;

import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

/** Options of {@link MicroBatchInference}, for jobs that read them from a configuration. */
public final class InferenceOptions {
    /** Records per batch. */
    public static final ConfigOption<Integer> MAX_BATCH_SIZE =
            ConfigOptions.key("inference.max-batch-size")
                    .intType()
                    .defaultValue(64)
                    .withDescription("Most records in a batch.");

    /** Tokens per batch. */
    public static final ConfigOption<Long> MAX_BATCH_TOKENS =
            ConfigOptions.key("inference.max-batch-tokens")
                    .longType()
                    .defaultValue(Long.MAX_VALUE)
                    .withDescription(
                            "Most tokens (frames, bytes) in a batch; a record that has more runs"
                                    + " alone.");

    /** Longest wait for company. */
    public static final ConfigOption<Duration> BATCH_TIMEOUT =
            ConfigOptions.key("inference.batch-timeout")
                    .durationType()
                    .defaultValue(Duration.ofMillis(10))
                    .withDescription(
                            "Linger: longest wait of a record for a fuller batch while the device"
                                    + " is free. 0 never waits.");

    /** Records inside the operator. */
    public static final ConfigOption<Integer> MAX_IN_FLIGHT =
            ConfigOptions.key("inference.max-in-flight")
                    .intType()
                    .noDefaultValue()
                    .withDescription(
                            "Records inside the operator (waiting, running, held for order)"
                                    + " before its input waits; they are state. Default: 4 batches"
                                    + " per concurrent call.");

    /** Calls at a time. */
    public static final ConfigOption<Integer> CONCURRENCY =
            ConfigOptions.key("inference.concurrency")
                    .intType()
                    .defaultValue(1)
                    .withDescription(
                            "Calls of the function at a time in one subtask; more than 1 needs a"
                                    + " thread-safe function.");

    /** Order of results. */
    public static final ConfigOption<Order> ORDER =
            ConfigOptions.key("inference.order")
                    .enumType(Order.class)
                    .defaultValue(Order.PER_KEY)
                    .withDescription("Order of results: per_key or unordered.");

    /** What becomes of a bad record. */
    public static final ConfigOption<FailurePolicy> ON_FAILURE =
            ConfigOptions.key("inference.on-failure")
                    .enumType(FailurePolicy.class)
                    .defaultValue(FailurePolicy.FAIL)
                    .withDescription(
                            "What becomes of a record that can't be processed: fail (the job),"
                                    + " skip or dead_letter.");

    /** Calls per batch. */
    public static final ConfigOption<Integer> MAX_ATTEMPTS =
            ConfigOptions.key("inference.retry.max-attempts")
                    .intType()
                    .defaultValue(3)
                    .withDescription("Calls for a batch whose failure may pass; 1 never retries.");

    /** First pause between calls. */
    public static final ConfigOption<Duration> RETRY_BACKOFF =
            ConfigOptions.key("inference.retry.backoff")
                    .durationType()
                    .defaultValue(Duration.ofMillis(100))
                    .withDescription("Pause before the second call; doubles up to 10 s.");

    /** Longest call. */
    public static final ConfigOption<Duration> INFERENCE_TIMEOUT =
            ConfigOptions.key("inference.timeout")
                    .durationType()
                    .defaultValue(Duration.ZERO)
                    .withDescription(
                            "Longest call of the function: then its thread is interrupted and"
                                    + " replaced, and the batch counts as failed. 0: no limit.");

    private InferenceOptions() {}
}
