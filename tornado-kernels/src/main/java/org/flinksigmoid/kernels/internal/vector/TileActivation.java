package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.flinksigmoid.kernels.backend.Activation;

/**
 * {@code c[r, :] = act(c[r, :] + bias[r])}, in place, for rows of a panel. One class and loop an
 * activation, so that C2 compiles each by itself: with all of them in one method it runs out of
 * inlining budget and boxes every vector (measured: 140 times the allocation, a tenth of the
 * speed).
 */
sealed interface TileActivation {
    /**
     * Applies the function.
     *
     * @param step 1 for all vectors of the panel, 2 for the first of each row
     */
    void apply(float[] c, int cFrom, int rows, int step, float[] bias, int biasFrom);

    /** The kernel of an activation. */
    static TileActivation of(Activation activation) {
        return switch (activation) {
            case IDENTITY -> new Identity();
            case RELU -> new Relu();
            case GELU -> new Gelu();
            case GELU_TANH -> new GeluTanh();
            case SILU -> new Silu();
            case TANH -> new Tanh();
        };
    }

    private static FloatVector biased(float[] c, int cFrom, int i, float[] bias, int biasFrom) {
        return FloatVector.fromArray(Lanes.FLOATS, c, cFrom + i * Lanes.LENGTH)
                .add(bias[biasFrom + (i >> 1)]);
    }

    /** {@link Activation#IDENTITY}. */
    record Identity() implements TileActivation {
        @Override
        public void apply(float[] c, int cFrom, int rows, int step, float[] bias, int biasFrom) {
            for (int i = 0; i < 2 * rows; i += step) {
                FloatVector x = biased(c, cFrom, i, bias, biasFrom);
                x.intoArray(c, cFrom + i * Lanes.LENGTH);
            }
        }
    }

    /** {@link Activation#RELU}. */
    record Relu() implements TileActivation {
        @Override
        public void apply(float[] c, int cFrom, int rows, int step, float[] bias, int biasFrom) {
            for (int i = 0; i < 2 * rows; i += step) {
                FloatVector x = biased(c, cFrom, i, bias, biasFrom);
                x.blend(0, x.compare(VectorOperators.LT, 0)).intoArray(c, cFrom + i * Lanes.LENGTH);
            }
        }
    }

    /** {@link Activation#GELU}. */
    record Gelu() implements TileActivation {
        @Override
        public void apply(float[] c, int cFrom, int rows, int step, float[] bias, int biasFrom) {
            for (int i = 0; i < 2 * rows; i += step) {
                FloatVector x = biased(c, cFrom, i, bias, biasFrom);
                VectorMath.gelu(x).intoArray(c, cFrom + i * Lanes.LENGTH);
            }
        }
    }

    /** {@link Activation#GELU_TANH}. */
    record GeluTanh() implements TileActivation {
        @Override
        public void apply(float[] c, int cFrom, int rows, int step, float[] bias, int biasFrom) {
            for (int i = 0; i < 2 * rows; i += step) {
                FloatVector x = biased(c, cFrom, i, bias, biasFrom);
                VectorMath.geluTanh(x).intoArray(c, cFrom + i * Lanes.LENGTH);
            }
        }
    }

    /** {@link Activation#SILU}. */
    record Silu() implements TileActivation {
        @Override
        public void apply(float[] c, int cFrom, int rows, int step, float[] bias, int biasFrom) {
            for (int i = 0; i < 2 * rows; i += step) {
                FloatVector x = biased(c, cFrom, i, bias, biasFrom);
                VectorMath.silu(x).intoArray(c, cFrom + i * Lanes.LENGTH);
            }
        }
    }

    /** {@link Activation#TANH}. */
    record Tanh() implements TileActivation {
        @Override
        public void apply(float[] c, int cFrom, int rows, int step, float[] bias, int biasFrom) {
            for (int i = 0; i < 2 * rows; i += step) {
                FloatVector x = biased(c, cFrom, i, bias, biasFrom);
                VectorMath.tanh(x).intoArray(c, cFrom + i * Lanes.LENGTH);
            }
        }
    }
}
