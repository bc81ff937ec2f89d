package org.flinksigmoid.kernels.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class Int8RowsTest {
    @Test
    void anElementIsOffByHalfAScaleAtMostWhateverTheOtherRowsHold() {
        Random random = new Random(1);
        int width = 37;
        float[] sizes = {1e-30f, 1e-3f, 1, 1e4f, 1e30f};
        float[] matrix = new float[sizes.length * width];
        for (int i = 0; i < matrix.length; i++) {
            matrix[i] = (float) random.nextGaussian() * sizes[i / width];
        }
        Int8Rows rows = Int8Rows.of(matrix, sizes.length);
        float[] left = rows.toFloats();
        for (int i = 0; i < matrix.length; i++) {
            float half = rows.scales()[i / width] / 2;
            assertThat(Math.abs(left[i] - matrix[i])).isLessThanOrEqualTo(half * 1.0001f);
        }
    }

    @Test
    void aRowsLargestIsKept() {
        Int8Rows rows = Int8Rows.of(new float[] {0.5f, -2.54f, 1, 3}, 2);
        assertThat(rows.values()).containsExactly(25, -127, 42, 127);
        assertThat(rows.toFloats()[1]).isCloseTo(-2.54f, within(1e-6f));
    }

    @Test
    void rowsTooSmallForAScaleAreZero() {
        Int8Rows rows = Int8Rows.of(new float[] {0, -0f, Float.MIN_VALUE, Float.MIN_VALUE}, 2);
        assertThat(rows.toFloats()).containsExactly(0, 0, 0, 0);
    }
}
