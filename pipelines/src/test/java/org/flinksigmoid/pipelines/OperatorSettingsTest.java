package org.flinksigmoid.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.flinksigmoid.operators.inference.InferenceOptions;
import org.flinksigmoid.operators.window.TextWindowOptions;
import org.junit.jupiter.api.Test;

class OperatorSettingsTest {
    @Test
    void optionsOfEveryHolderAreTaken() {
        var settings =
                OperatorSettings.of(
                        Map.of("inference.batch-timeout", "5ms", "text.separator", "|"),
                        InferenceOptions.class,
                        TextWindowOptions.class);

        assertThat(settings.get(InferenceOptions.BATCH_TIMEOUT)).isEqualTo(Duration.ofMillis(5));
        assertThat(settings.get(TextWindowOptions.SEPARATOR)).isEqualTo("|");
    }

    @Test
    void aKeyThatNoOperatorHasIsRefusedWithThoseThereAre() {
        assertThatThrownBy(
                        () ->
                                OperatorSettings.of(
                                        Map.of("inference.max-batchsize", "3"),
                                        InferenceOptions.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected one of [inference.batch-timeout, ")
                .hasMessageContaining("inference.max-batch-size, ")
                .hasMessageEndingWith("found inference.max-batchsize");
    }

    @Test
    void aValueOfAnotherTypeIsRefusedWithItsKey() {
        assertThatThrownBy(
                        () ->
                                OperatorSettings.of(
                                        Map.of("inference.batch-timeout", "soon"),
                                        InferenceOptions.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("inference.batch-timeout");
    }
}
