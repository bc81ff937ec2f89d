package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every form of a tile against its definition, to the bit. */
class TilesTest {
    private static final int PANEL = Lanes.PANEL;
    private static final int BEFORE = 5;

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "7", "64", "255", "256"})
    void aTileIsOneSumInOrderForEachOutput(int depth) {
        for (int outputs : new int[] {12, 8, 6}) {
            for (boolean add : new boolean[] {false, true}) {
                check(outputs, depth, add);
            }
        }
    }

    private static void check(int outputs, int depth, boolean add) {
        Random random = new Random(31L * outputs + depth);
        float[] w = normal(random, BEFORE + outputs * depth + Tiles.AHEAD * depth);
        float[] x = normal(random, BEFORE + depth * PANEL);
        float[] bias = normal(random, BEFORE + outputs);
        float[] sums = add ? normal(random, BEFORE + outputs * PANEL) : new float[0];
        float[] expected = new float[BEFORE + outputs * PANEL];
        for (int r = 0; r < outputs; r++) {
            for (int lane = 0; lane < PANEL; lane++) {
                int at = BEFORE + r * PANEL + lane;
                float sum = add ? sums[at] + bias[BEFORE + r] : bias[BEFORE + r];
                for (int i = 0; i < depth; i++) {
                    float row = x[BEFORE + i * PANEL + lane];
                    sum = Math.fma(w[BEFORE + i * outputs + r], row, sum);
                }
                expected[at] = sum;
            }
        }
        float[] out = new float[expected.length];
        Tiles.multiply(
                w, BEFORE, x, BEFORE, depth, bias, BEFORE, sums, BEFORE, out, BEFORE, outputs,
                false);
        assertThat(out).isEqualTo(expected);
        if (outputs == 12) {
            float[] plain = new float[expected.length];
            TwelveOutputs.plain(
                    w, BEFORE, x, BEFORE, depth, bias, BEFORE, sums, BEFORE, plain, BEFORE, 0);
            assertThat(plain).isEqualTo(expected);
        }
    }

    private static float[] normal(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
