package org.flinksigmoid.kernels.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class Bfloat16Test {
    @Test
    void everyValueThatFitsComesBackToTheBit() {
        for (int bits = 0; bits <= 0xFFFF; bits++) {
            float value = Bfloat16.toFloat((short) bits);
            if (Float.isNaN(value)) {
                assertThat(Bfloat16.toFloat(Bfloat16.of(value))).isNaN();
            } else {
                assertThat(Bfloat16.of(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void valuesGoToTheNearestAndTiesToEven() {
        float step = 0x1p-7f;
        assertThat(Bfloat16.toFloat(Bfloat16.of(1 + 0.49f * step))).isEqualTo(1);
        assertThat(Bfloat16.toFloat(Bfloat16.of(1 + 0.5f * step))).isEqualTo(1);
        assertThat(Bfloat16.toFloat(Bfloat16.of(1 + 0.51f * step))).isEqualTo(1 + step);
        assertThat(Bfloat16.toFloat(Bfloat16.of(1 + 1.5f * step))).isEqualTo(1 + 2 * step);
    }

    @Test
    void theRelativeErrorIsAtMostHalfAUnitAndReachesIt() {
        double bound = 0x1p-8 / (1 + 0x1p-8);
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            float value = (float) (random.nextGaussian() * Math.exp(15 * random.nextGaussian()));
            assertThat(relativeError(value)).as("of %s", value).isLessThanOrEqualTo(bound);
        }
        assertThat(relativeError(1 + 0x1p-8f)).isEqualTo(bound);
        assertThat(relativeError(-Float.MIN_NORMAL * (1 + 0x1p-8f))).isEqualTo(bound);
    }

    private static double relativeError(float value) {
        double rounded = Bfloat16.toFloat(Bfloat16.of(value));
        return Math.abs((rounded - value) / value);
    }

    @Test
    void aNanWhoseUpperHalfLooksLikeInfinityStaysOne() {
        assertThat(Bfloat16.toFloat(Bfloat16.of(Float.intBitsToFloat(0x7F800001)))).isNaN();
        assertThat(Bfloat16.toFloat(Bfloat16.of(Float.NEGATIVE_INFINITY)))
                .isEqualTo(Float.NEGATIVE_INFINITY);
    }
}
