package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.Test;

class MicroBatchInferenceTest {
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

    /** The first would be left out without a word. */
    @Test
    void anOperatorHasOneSecondModel() {
        OutputTag<Integer> results = new OutputTag<>("second", Types.INT);
        inference.abTest(batch -> batch, 0.5, results);
        assertThatThrownBy(() -> inference.shadow(batch -> batch, 1, results))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("second model: expected one");
    }
}
