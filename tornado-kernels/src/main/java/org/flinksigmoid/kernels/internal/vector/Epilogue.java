package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.flinksigmoid.kernels.backend.Activation;

/**
 * What a layer does to a tile of its product while it is still in L1: {@code out = residual + scale
 * act(c + bias)}. One loop an activation: a switch inside the loop would box its vectors.
 */
final class Epilogue {
    private static final int LENGTH = Lanes.LENGTH;

    private Epilogue() {}

    /** {@code c[r, :] = act(c[r, :] + bias[r])} for {@code rows} rows of a panel. */
    static void activate(
            Activation activation,
            float[] c,
            int cFrom,
            int rows,
            boolean narrow,
            float[] bias,
            int biasFrom) {
        int step = narrow ? 2 : 1;
        int end = 2 * rows;
        switch (activation) {
            case IDENTITY -> {
                for (int i = 0; i < end; i += step) {
                    biased(c, cFrom, i, bias, biasFrom).intoArray(c, cFrom + i * LENGTH);
                }
            }
            case RELU -> {
                for (int i = 0; i < end; i += step) {
                    FloatVector x = biased(c, cFrom, i, bias, biasFrom);
                    x.blend(0, x.compare(VectorOperators.LT, 0)).intoArray(c, cFrom + i * LENGTH);
                }
            }
            case GELU -> {
                for (int i = 0; i < end; i += step) {
                    VectorMath.gelu(biased(c, cFrom, i, bias, biasFrom))
                            .intoArray(c, cFrom + i * LENGTH);
                }
            }
            case GELU_TANH -> {
                for (int i = 0; i < end; i += step) {
                    VectorMath.geluTanh(biased(c, cFrom, i, bias, biasFrom))
                            .intoArray(c, cFrom + i * LENGTH);
                }
            }
            case SILU -> {
                for (int i = 0; i < end; i += step) {
                    VectorMath.silu(biased(c, cFrom, i, bias, biasFrom))
                            .intoArray(c, cFrom + i * LENGTH);
                }
            }
            case TANH -> {
                for (int i = 0; i < end; i += step) {
                    VectorMath.tanh(biased(c, cFrom, i, bias, biasFrom))
                            .intoArray(c, cFrom + i * LENGTH);
                }
            }
        }
    }

    /** {@code out[r, :] = residual[r, :] + scale[r] c[r, :]} for {@code rows} rows of a panel. */
    static void addScaled(
            float[] c,
            int cFrom,
            int rows,
            boolean narrow,
            float[] scale,
            int scaleFrom,
            float[] residual,
            float[] out,
            int outFrom) {
        int step = narrow ? 2 : 1;
        for (int i = 0; i < 2 * rows; i += step) {
            load(c, cFrom + i * LENGTH)
                    .fma(
                            VectorMath.broadcast(scale[scaleFrom + (i >> 1)]),
                            load(residual, outFrom + i * LENGTH))
                    .intoArray(out, outFrom + i * LENGTH);
        }
    }

    /** {@code out[r, :] = scale[r] c[r, :]} for {@code rows} rows of a panel. */
    static void scale(
            float[] c,
            int cFrom,
            int rows,
            boolean narrow,
            float[] scale,
            int scaleFrom,
            float[] out,
            int outFrom) {
        int step = narrow ? 2 : 1;
        for (int i = 0; i < 2 * rows; i += step) {
            load(c, cFrom + i * LENGTH)
                    .mul(scale[scaleFrom + (i >> 1)])
                    .intoArray(out, outFrom + i * LENGTH);
        }
    }

    private static FloatVector biased(float[] c, int cFrom, int i, float[] bias, int biasFrom) {
        return load(c, cFrom + i * LENGTH).add(bias[biasFrom + (i >> 1)]);
    }

    private static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(Lanes.FLOATS, array, at);
    }
}
