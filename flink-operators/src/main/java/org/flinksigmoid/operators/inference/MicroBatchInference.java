package org.flinksigmoid.operators.inference;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.DeadLetterTypeInfo;
import org.flinksigmoid.operators.types.ModelEvent;
import org.flinksigmoid.operators.types.ModelUpdate;

/**
 * Puts a model into a stream: collects records across keys into batches, runs them on a device
 * thread beside the task's thread, and hands results on in order.
 *
 * <pre>{@code
 * OutputTag<DeadLetter<TextMessage>> bad = MicroBatchInference.deadLetterTag("bad", messages.getType());
 * SingleOutputStreamOperator<Score> scores =
 *         MicroBatchInference.of(function, TypeInformation.of(Score.class))
 *                 .maxBatchSize(64)
 *                 .batchTimeout(Duration.ofMillis(5))
 *                 .deadLetters(bad)
 *                 .apply(messages.keyBy(TextMessage::key));
 * scores.getSideOutput(bad).sinkTo(...);
 * }</pre>
 *
 * <p>Guarantees: a record gives one result, one dead letter, one skip, or fails the job. Results
 * keep the record's timestamp and never fall behind a watermark that came after it. Records inside
 * the operator are part of every checkpoint, aligned or not, without waiting for them to finish;
 * after a restore they run again. On a keyed stream they return to the subtask that owns their key,
 * so order per key survives a rescale. Give the operator a {@link #uid} to find its state again.
 *
 * @param <I> input record
 * @param <O> result
 */
public final class MicroBatchInference<I, O> {
    private final InferenceFunction<I, O> function;
    private final TypeInformation<O> outputType;
    private String name = "inference";
    private String uid;
    private int maxBatchSize = InferenceOptions.MAX_BATCH_SIZE.defaultValue();
    private long maxBatchTokens = InferenceOptions.MAX_BATCH_TOKENS.defaultValue();
    private Duration batchTimeout = InferenceOptions.BATCH_TIMEOUT.defaultValue();
    private Integer maxInFlight;
    private int concurrency = InferenceOptions.CONCURRENCY.defaultValue();
    private Order order = InferenceOptions.ORDER.defaultValue();
    private FailurePolicy onFailure = InferenceOptions.ON_FAILURE.defaultValue();
    private RetryPolicy retry =
            RetryPolicy.exponential(
                    InferenceOptions.MAX_ATTEMPTS.defaultValue(),
                    InferenceOptions.RETRY_BACKOFF.defaultValue());
    private Duration inferenceTimeout = InferenceOptions.INFERENCE_TIMEOUT.defaultValue();
    private List<Integer> lengthBuckets = InferenceOptions.LENGTH_BUCKETS.defaultValue();
    private Duration latencyTarget = InferenceOptions.LATENCY_TARGET.defaultValue();
    private Duration spanInterval = InferenceOptions.SPAN_INTERVAL.defaultValue();
    private OutputTag<DeadLetter<I>> deadLetters;
    private OutputTag<ModelEvent> modelEvents;
    private DataStream<ModelUpdate> control;
    private SecondModel<I, O> second;

    private MicroBatchInference(InferenceFunction<I, O> function, TypeInformation<O> outputType) {
        this.function = Objects.requireNonNull(function, "function");
        this.outputType = Objects.requireNonNull(outputType, "outputType");
    }

    /**
     * Begins with the defaults of {@link InferenceOptions}.
     *
     * @param function what runs on a batch
     * @param outputType type of the results
     */
    public static <I, O> MicroBatchInference<I, O> of(
            InferenceFunction<I, O> function, TypeInformation<O> outputType) {
        return new MicroBatchInference<>(function, outputType);
    }

    /** {@link #of(InferenceFunction, TypeInformation)} for a result without type arguments. */
    public static <I, O> MicroBatchInference<I, O> of(
            InferenceFunction<I, O> function, Class<O> outputType) {
        return of(function, TypeInformation.of(outputType));
    }

    /** Takes every option that the configuration sets; what it does not set stays as it is. */
    public MicroBatchInference<I, O> options(ReadableConfig config) {
        config.getOptional(InferenceOptions.MAX_BATCH_SIZE).ifPresent(this::maxBatchSize);
        config.getOptional(InferenceOptions.MAX_BATCH_TOKENS).ifPresent(this::maxBatchTokens);
        config.getOptional(InferenceOptions.BATCH_TIMEOUT).ifPresent(this::batchTimeout);
        config.getOptional(InferenceOptions.MAX_IN_FLIGHT).ifPresent(this::maxInFlight);
        config.getOptional(InferenceOptions.CONCURRENCY).ifPresent(this::concurrency);
        config.getOptional(InferenceOptions.ORDER).ifPresent(this::order);
        config.getOptional(InferenceOptions.ON_FAILURE).ifPresent(this::onFailure);
        config.getOptional(InferenceOptions.INFERENCE_TIMEOUT).ifPresent(this::inferenceTimeout);
        config.getOptional(InferenceOptions.LENGTH_BUCKETS)
                .ifPresent(lengths -> lengthBuckets = lengths);
        config.getOptional(InferenceOptions.LATENCY_TARGET).ifPresent(this::latencyTarget);
        config.getOptional(InferenceOptions.SPAN_INTERVAL).ifPresent(this::spanInterval);
        config.getOptional(InferenceOptions.MAX_ATTEMPTS)
                .ifPresent(calls -> retry(retry.withMaxAttempts(calls)));
        config.getOptional(InferenceOptions.RETRY_BACKOFF)
                .ifPresent(pause -> retry(retry.withBackoff(pause)));
        return this;
    }

    /** Name in the web interface and in metrics. */
    public MicroBatchInference<I, O> name(String value) {
        name = Objects.requireNonNull(value, "name");
        return this;
    }

    /** Identity of the operator's state across versions of the job. */
    public MicroBatchInference<I, O> uid(String value) {
        uid = Objects.requireNonNull(value, "uid");
        return this;
    }

    /** See {@link InferenceOptions#MAX_BATCH_SIZE}. */
    public MicroBatchInference<I, O> maxBatchSize(int records) {
        maxBatchSize = records;
        return this;
    }

    /** See {@link InferenceOptions#MAX_BATCH_TOKENS}. */
    public MicroBatchInference<I, O> maxBatchTokens(long tokens) {
        maxBatchTokens = tokens;
        return this;
    }

    /** See {@link InferenceOptions#BATCH_TIMEOUT}. */
    public MicroBatchInference<I, O> batchTimeout(Duration linger) {
        batchTimeout = Objects.requireNonNull(linger, "batchTimeout");
        return this;
    }

    /** See {@link InferenceOptions#MAX_IN_FLIGHT}. */
    public MicroBatchInference<I, O> maxInFlight(int records) {
        maxInFlight = records;
        return this;
    }

    /** See {@link InferenceOptions#CONCURRENCY}. */
    public MicroBatchInference<I, O> concurrency(int calls) {
        concurrency = calls;
        return this;
    }

    /** See {@link InferenceOptions#ORDER}. */
    public MicroBatchInference<I, O> order(Order value) {
        order = Objects.requireNonNull(value, "order");
        return this;
    }

    /** See {@link InferenceOptions#ON_FAILURE}. */
    public MicroBatchInference<I, O> onFailure(FailurePolicy value) {
        onFailure = Objects.requireNonNull(value, "onFailure");
        return this;
    }

    /**
     * Sends records that can't be processed to a side output; sets {@link
     * FailurePolicy#DEAD_LETTER}.
     *
     * @param tag where to, see {@link #deadLetterTag}
     */
    public MicroBatchInference<I, O> deadLetters(OutputTag<DeadLetter<I>> tag) {
        deadLetters = Objects.requireNonNull(tag, "tag");
        return onFailure(FailurePolicy.DEAD_LETTER);
    }

    /** Which failed calls are repeated. */
    public MicroBatchInference<I, O> retry(RetryPolicy policy) {
        retry = Objects.requireNonNull(policy, "retry");
        return this;
    }

    /** See {@link InferenceOptions#INFERENCE_TIMEOUT}. */
    public MicroBatchInference<I, O> inferenceTimeout(Duration longestCall) {
        inferenceTimeout = Objects.requireNonNull(longestCall, "inferenceTimeout");
        return this;
    }

    /** See {@link InferenceOptions#LENGTH_BUCKETS}. */
    public MicroBatchInference<I, O> lengthBuckets(Integer... largestLengths) {
        lengthBuckets = List.of(largestLengths);
        return this;
    }

    /** See {@link InferenceOptions#LATENCY_TARGET}. */
    public MicroBatchInference<I, O> latencyTarget(Duration p99) {
        latencyTarget = Objects.requireNonNull(p99, "latencyTarget");
        return this;
    }

    /** See {@link InferenceOptions#SPAN_INTERVAL}. */
    public MicroBatchInference<I, O> spanInterval(Duration interval) {
        spanInterval = Objects.requireNonNull(interval, "spanInterval");
        return this;
    }

    /**
     * Lets a stream of updates replace models while the job runs; needs {@link Models} as function
     * or as second one.
     *
     * @param updates reach every subtask; their event time means nothing
     */
    public MicroBatchInference<I, O> control(DataStream<ModelUpdate> updates) {
        control = Objects.requireNonNull(updates, "updates");
        return this;
    }

    /** Sends what becomes of new models to a side output. */
    public MicroBatchInference<I, O> modelEvents(OutputTag<ModelEvent> tag) {
        modelEvents = Objects.requireNonNull(tag, "tag");
        return this;
    }

    /**
     * Lets another model answer a share of the keys: its results leave like those of the first, and
     * go to the side output as well. An operator has one second model: this or a {@link #shadow}.
     *
     * @param other the second model
     * @param share of the keys, above 0, at most 1; the same ones in every run. On a stream without
     *     keys, of the records by their hash code
     * @param results side output of its results
     */
    public MicroBatchInference<I, O> abTest(
            InferenceFunction<I, O> other, double share, OutputTag<O> results) {
        return second(new SecondModel<>(SecondModel.Mode.AB_TEST, other, share, results));
    }

    /**
     * Shows another model the batches that the first has answered. Its results go to the side
     * output only, at most once and perhaps behind a watermark; its failures, and records that it
     * has no time for ({@code maxInFlight} wait), are counted and touch nothing else. An operator
     * has one second model: this or that of an {@link #abTest}.
     *
     * @param other the second model
     * @param share of the keys, above 0, at most 1; on a stream without keys, of the records by
     *     their hash code
     * @param results side output of its results
     */
    public MicroBatchInference<I, O> shadow(
            InferenceFunction<I, O> other, double share, OutputTag<O> results) {
        return second(new SecondModel<>(SecondModel.Mode.SHADOW, other, share, results));
    }

    private MicroBatchInference<I, O> second(SecondModel<I, O> model) {
        if (second != null) {
            throw new IllegalArgumentException(
                    "second model: expected one, an A/B test or a shadow, found another");
        }
        second = model;
        return this;
    }

    /** The settings as they stand, checked against each other. */
    public InferenceSettings settings() {
        return new InferenceSettings(
                maxBatchSize,
                maxBatchTokens,
                batchTimeout,
                maxInFlight != null
                        ? maxInFlight
                        : InferenceSettings.defaultMaxInFlight(
                                maxBatchSize, concurrency, lengthBuckets.size() + 1),
                concurrency,
                order,
                onFailure,
                retry,
                inferenceTimeout,
                lengthBuckets,
                latencyTarget,
                spanInterval);
    }

    /**
     * Adds the operator to the stream; a {@code KeyedStream} gives order per key and state that
     * follows the keys.
     *
     * @param input keyed or not
     * @throws IllegalArgumentException on settings that contradict each other
     * @throws org.apache.flink.api.common.InvalidProgramException if a function, or what it refers
     *     to, is not serializable
     */
    public SingleOutputStreamOperator<O> apply(DataStream<I> input) {
        // As Flink does with its own functions: without what encloses an anonymous one.
        StreamExecutionEnvironment env = input.getExecutionEnvironment();
        env.clean(function); // by itself, so that a refusal names it
        OperatorPlan<I, O> plan = env.clean(plan());
        var factory = new MicroBatchOperatorFactory<>(plan, control != null);
        SingleOutputStreamOperator<O> results =
                control == null
                        ? input.transform(name, outputType, factory)
                        : input.connect(timeless(control).broadcast())
                                .transform(name, outputType, factory);
        return uid == null ? results : results.uid(uid);
    }

    /** Without watermarks and idleness, so that the stream can't hold back event time. */
    private DataStream<ModelUpdate> timeless(DataStream<ModelUpdate> updates) {
        SingleOutputStreamOperator<ModelUpdate> stripped =
                updates.assignTimestampsAndWatermarks(WatermarkStrategy.noWatermarks())
                        .name(name + " control");
        return uid == null ? stripped : stripped.uid(uid + "-control");
    }

    private OperatorPlan<I, O> plan() {
        if (onFailure == FailurePolicy.DEAD_LETTER && deadLetters == null) {
            throw new IllegalArgumentException(
                    InferenceOptions.ON_FAILURE.key()
                            + ": dead_letter needs a side output, call deadLetters(tag)");
        }
        boolean replaceable =
                function instanceof Models<?, ?>
                        || (second != null && second.function() instanceof Models<?, ?>);
        if (control != null && !replaceable) {
            throw new IllegalArgumentException(
                    "control: expected Models as function, found "
                            + function.getClass().getSimpleName());
        }
        return new OperatorPlan<>(
                function,
                settings(),
                second,
                onFailure == FailurePolicy.DEAD_LETTER ? deadLetters : null,
                modelEvents);
    }

    /**
     * The operator's factory, for graphs that are built by hand and for Flink's test harnesses. A
     * harness has to be given the input's serializer, with which records in flight are stored, and
     * {@code endInput()} lets out what is in flight:
     *
     * <pre>{@code
     * var harness = new KeyedOneInputStreamOperatorTestHarness<>(
     *         inference.factory(), TextMessage::key, Types.STRING);
     * harness.getStreamConfig().setupNetworkInputs(inputSerializer);
     * harness.getStreamConfig().serializeAllConfigs();
     * harness.setup(outputSerializer);
     * harness.open();
     * harness.processElement(message, timestamp);
     * harness.endInput();
     * }</pre>
     */
    public MicroBatchOperatorFactory<I, O> factory() {
        return new MicroBatchOperatorFactory<>(plan(), false);
    }

    /**
     * A side output for dead letters.
     *
     * @param id name of the side output
     * @param inputType type of the records inside, {@code stream.getType()}
     */
    public static <I> OutputTag<DeadLetter<I>> deadLetterTag(
            String id, TypeInformation<I> inputType) {
        return new OutputTag<>(id, new DeadLetterTypeInfo<>(inputType));
    }
}
