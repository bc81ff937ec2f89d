package org.flinksigmoid.kernels.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiniteValuesTest {
    @Test
    void theLargestNumbersAndZerosAreFinite() {
        float[] values = {0f, -0f, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE};
        assertThat(FiniteValues.firstOther(values)).isEqualTo(values.length);
        assertThat(FiniteValues.firstOther(new float[0])).isZero();
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void theFirstOtherValueIsFoundWhereverItIs(float other) {
        for (int at = 0; at < 70; at++) {
            float[] values = new float[70];
            Arrays.fill(values, -1.5f);
            values[at] = other;
            values[69] = Float.NaN;
            assertThat(FiniteValues.firstOther(values)).isEqualTo(at);
        }
    }

    @Test
    void aNegativeNotANumberIsFound() {
        float[] values = {1f, Float.intBitsToFloat(0xffc00001)};
        assertThat(FiniteValues.firstOther(values)).isEqualTo(1);
    }
}
