package org.flinksigmoid.kernels.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class GrowthBenchTest {
    @Test
    void theExponentOfAPowerIsFound() {
        double[] x = {128, 256, 512, 1024};
        double[] y = {3 * 128 * 128, 3 * 256 * 256, 3 * 512 * 512, 3 * 1024 * 1024};
        assertThat(GrowthBench.exponent(x, y, 0)).isCloseTo(2, within(1e-9));
    }

    @Test
    void onlyPointsFromTheFirstWantedOnCount() {
        double[] x = {1, 2, 4, 8};
        double[] y = {100, 1, 2, 4};
        assertThat(GrowthBench.exponent(x, y, 1)).isCloseTo(1, within(1e-9));
    }
}
