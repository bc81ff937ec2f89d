package org.flinksigmoid.kernels.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.flinksigmoid.kernels.internal.tornado.TornadoProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightFormatTest {
    @ParameterizedTest
    @EnumSource
    void aFormatIsFoundByTheNameItShows(WeightFormat format) {
        assertThat(WeightFormat.of(format.toString())).isSameAs(format);
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> WeightFormat.of("int4"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("weights: expected one of [float, bf16, int8], found int4");
    }

    @Test
    void theGpuRefusesFormatsOfTheCpu() {
        BackendOptions options = new BackendOptions(1, 0, WeightFormat.INT8);
        assertThatThrownBy(() -> new TornadoProvider().open(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("weights", "tornado", "int8", "backend vector");
    }
}
