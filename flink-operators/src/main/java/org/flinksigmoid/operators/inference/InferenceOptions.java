package org.flinksigmoid.operators.inference;

import java.time.Duration;
import java.util.List;
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
                            "Most tokens in a batch, as the function counts them (frames,"
                                    + " characters); a record that has more runs alone.");

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
                            "Records inside the operator (waiting, running, held for order) before"
                                + " its input waits; they are state. While a call takes long, up to"
                                + " half as many more come in, ten a second, so that checkpoints"
                                + " need not wait for it. Default: 4 batches per concurrent call"
                                + " and length bucket.");

    /** Calls at a time. */
    public static final ConfigOption<Integer> CONCURRENCY =
            ConfigOptions.key("inference.concurrency")
                    .intType()
                    .defaultValue(1)
                    .withDescription(
                            "Calls of the function at a time in one subtask, from 1 to 1024; more"
                                    + " than 1 needs a thread-safe function.");

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

    /** Borders between lengths that don't share a batch. */
    public static final ConfigOption<List<Integer>> LENGTH_BUCKETS =
            ConfigOptions.key("inference.length-buckets")
                    .intType()
                    .asList()
                    .defaultValues()
                    .withDescription(
                            "Largest lengths (tokens) of the buckets, ascending: records of one"
                                    + " bucket share batches, longer ones have a bucket of their"
                                    + " own. Empty: all lengths share batches.");

    /** The p99 to keep. */
    public static final ConfigOption<Duration> LATENCY_TARGET =
            ConfigOptions.key("inference.latency-target")
                    .durationType()
                    .defaultValue(Duration.ZERO)
                    .withDescription(
                            "99th percentile of the time a record spends in the operator. If set,"
                                + " batch size and records in flight adapt: as large as the target"
                                + " allows, up to the configured limits. 0: they don't.");

    /** Spans of batches. */
    public static final ConfigOption<Duration> SPAN_INTERVAL =
            ConfigOptions.key("inference.span-interval")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(1))
                    .withDescription(
                            "Shortest time between two batches that are reported as spans; 0"
                                    + " reports every batch.");

    private InferenceOptions() {}
}
