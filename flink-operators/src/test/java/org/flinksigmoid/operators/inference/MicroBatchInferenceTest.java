package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.InvalidProgramException;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.OneInputTransformation;
import org.apache.flink.util.InstantiationUtil;
import org.apache.flink.util.OutputTag;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.junit.jupiter.api.Test;

class MicroBatchInferenceTest {
    private static final Duration YEAR = Duration.ofDays(365);

    private final MicroBatchInference<Integer, Integer> inference =
            MicroBatchInference.<Integer, Integer>of(batch -> batch, Integer.class)
                    .maxBatchSize(7)
                    .retry(
                            new RetryPolicy(
                                    10,
                                    Duration.ofMillis(50),
                                    3,
                                    Duration.ofSeconds(1),
                                    failure -> true));

    @Test
    void optionsThatTheConfigurationSetsReplaceThoseFromBefore() {
        Configuration config = new Configuration();
        config.set(InferenceOptions.MAX_BATCH_SIZE, 5);
        config.set(InferenceOptions.RETRY_BACKOFF, Duration.ofSeconds(2));
        InferenceSettings settings = inference.options(config).settings();
        assertThat(settings.maxBatchSize()).isEqualTo(5);
        assertThat(settings.retry().backoff()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.retry().maxBackoff()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void whatTheConfigurationDoesNotSetStays() {
        Configuration config = new Configuration();
        config.set(InferenceOptions.RETRY_BACKOFF, Duration.ofMillis(20));
        InferenceSettings settings = inference.options(config).settings();
        assertThat(settings.maxBatchSize()).isEqualTo(7);
        assertThat(settings.retry().maxAttempts()).isEqualTo(10);
        assertThat(settings.retry().multiplier()).isEqualTo(3);
        assertThat(settings.retry().maxBackoff()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void refusedRetryOptionsAreNamed() {
        assertThatThrownBy(
                        () ->
                                inference.options(
                                        new Configuration().set(InferenceOptions.MAX_ATTEMPTS, 0)))
                .hasMessage("inference.retry.max-attempts: expected 1 or more, found 0");
        assertThatThrownBy(() -> RetryPolicy.exponential(3, Duration.ofSeconds(-1)))
                .hasMessage("inference.retry.backoff: expected 0 or more, found PT-1S");
    }

    @Test
    void aPauseForEverIsOne() {
        Duration forEver = ChronoUnit.FOREVER.getDuration();
        assertThat(RetryPolicy.exponential(3, forEver).pauseAfter(2)).isGreaterThan(YEAR);
        assertThat(RetryPolicy.never().withBackoff(forEver).pauseAfter(1)).isGreaterThan(YEAR);
    }

    /** The first would be left out without a word. */
    @Test
    void anOperatorHasOneSecondModel() {
        OutputTag<Integer> results = new OutputTag<>("second", Types.INT);
        inference.abTest(batch -> batch, 0.5, results);
        assertThatThrownBy(() -> inference.shadow(batch -> batch, 1, results))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("second model: expected one");
    }

    /** As with Flink's own functions: the class around it needn't be serializable. */
    @Test
    void anonymousFunctionsAndTagsOfAnObjectAreTaken() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        InferenceFunction<Integer, Integer> doubled =
                new InferenceFunction<>() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public List<Integer> infer(List<Integer> batch) {
                        return batch.stream().map(value -> 2 * value).toList();
                    }
                };
        OutputTag<Integer> shadow =
                new OutputTag<>("shadow") {
                    private static final long serialVersionUID = 1L;
                };
        var results =
                MicroBatchInference.of(doubled, Integer.class)
                        .shadow(doubled, 1, shadow)
                        .apply(env.fromData(1, 2));
        var operator = (OneInputTransformation<?, ?>) results.getTransformation();
        assertThatCode(() -> InstantiationUtil.serializeObject(operator.getOperatorFactory()))
                .doesNotThrowAnyException();
    }

    @Test
    void aFunctionThatCannotBeSerializedIsRefusedByItsNameWhereItIsApplied() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        Object lock = new Object();
        InferenceFunction<Integer, Integer> held =
                batch -> {
                    synchronized (lock) {
                        return batch;
                    }
                };
        MicroBatchInference<Integer, Integer> inference =
                MicroBatchInference.of(held, Integer.class);
        assertThatThrownBy(() -> inference.apply(env.fromData(1)))
                .isInstanceOf(InvalidProgramException.class)
                .hasMessage("Object " + held + " is not serializable");
    }

    @Test
    void whatIsMissingIsNamedWhereItIsSet() {
        ModelOptions options = ModelOptions.defaults();
        Map<String, ThrowingCallable> calls =
                Map.of(
                        "batchTimeout", () -> inference.batchTimeout(null),
                        "inferenceTimeout", () -> inference.inferenceTimeout(null),
                        "latencyTarget", () -> inference.latencyTarget(null),
                        "spanInterval", () -> inference.spanInterval(null),
                        "folder", () -> TextInference.messages(null, options),
                        "options", () -> new SpeechInference("folder", null));
        calls.forEach(
                (name, call) ->
                        assertThatThrownBy(call)
                                .isInstanceOf(NullPointerException.class)
                                .hasMessage(name));
    }
}
