package org.flinksigmoid.kernels.internal.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.flinksigmoid.kernels.backend.Activation;
import org.junit.jupiter.api.Test;

class ScalarFunctionsTest {
    @Test
    void erfAgreesWithPublishedTables() {
        // Abramowitz and Stegun, table 7.1.
        assertThat(ScalarFunctions.erf(0)).isZero();
        assertThat(ScalarFunctions.erf(0.5)).isCloseTo(0.5204998778, within(1e-10));
        assertThat(ScalarFunctions.erf(1)).isCloseTo(0.8427007929, within(1e-10));
        assertThat(ScalarFunctions.erf(-2)).isCloseTo(-0.9953222650, within(1e-10));
        assertThat(ScalarFunctions.erf(7)).isEqualTo(1);
        assertThat(ScalarFunctions.erf(Double.NaN)).isNaN();
    }

    @Test
    void activationsHaveTheirTextbookValues() {
        assertThat(ScalarFunctions.activate(Activation.IDENTITY, -2)).isEqualTo(-2);
        assertThat(ScalarFunctions.activate(Activation.RELU, -2)).isZero();
        assertThat(ScalarFunctions.activate(Activation.GELU, 1))
                .isCloseTo(0.8413447461, within(1e-10));
        assertThat(ScalarFunctions.activate(Activation.GELU_TANH, 1))
                .isCloseTo(0.8411919906, within(1e-9));
        assertThat(ScalarFunctions.activate(Activation.SILU, 1))
                .isCloseTo(0.7310585786, within(1e-10));
        assertThat(ScalarFunctions.activate(Activation.TANH, 1))
                .isCloseTo(0.7615941560, within(1e-10));
    }
}
