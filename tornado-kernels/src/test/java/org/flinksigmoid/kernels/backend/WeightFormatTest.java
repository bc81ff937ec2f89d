package org.flinksigmoid.kernels.backend;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.flinksigmoid.kernels.internal.tornado.TornadoProvider;
import org.junit.jupiter.api.Test;

class WeightFormatTest {
    @Test
    void theGpuRefusesFormatsOfTheCpu() {
        BackendOptions options = new BackendOptions(1, 0, WeightFormat.INT8);
        assertThatThrownBy(() -> new TornadoProvider().open(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("weights", "tornado", "int8", "backend vector");
    }
}
