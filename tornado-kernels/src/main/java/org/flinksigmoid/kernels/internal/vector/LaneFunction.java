package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.flinksigmoid.kernels.backend.Op;

/**
 * A function of whole rows on one vector of them, from {@code in[at]} to {@code out[at]}, where
 * {@code at} is the first column and the next is a panel further. A class each, for the reason that
 * {@link TileActivation} gives.
 */
sealed interface LaneFunction {
    /**
     * Applies the function.
     *
     * @param scratch one float a lane
     */
    void apply(float[] in, float[] out, int at, int width, float[] scratch);

    /** The kernel of a function. */
    static LaneFunction of(Op.RowKind kind) {
        return switch (kind) {
            case LOG_SOFTMAX -> new LogSoftmax();
            case SOFTMAX -> new Softmax();
            case SIGMOID -> new Sigmoid();
            case L2_NORMALIZE -> new Normalize();
        };
    }

    private static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(Lanes.FLOATS, array, at);
    }

    private static FloatVector largest(float[] in, int at, int width) {
        FloatVector max = load(in, at);
        for (int c = 1; c < width; c++) {
            max = max.max(load(in, at + c * Lanes.PANEL));
        }
        return max;
    }

    /** {@code x - max - log sum exp(x - max)}. */
    record LogSoftmax() implements LaneFunction {
        @Override
        public void apply(float[] in, float[] out, int at, int width, float[] scratch) {
            FloatVector max = largest(in, at, width);
            FloatVector sum = VectorMath.broadcast(0);
            for (int c = 0; c < width; c++) {
                sum = sum.add(VectorMath.exp(load(in, at + c * Lanes.PANEL).sub(max)));
            }
            sum.intoArray(scratch, 0);
            for (int lane = 0; lane < Lanes.LENGTH; lane++) {
                scratch[lane] = (float) Math.log(scratch[lane]);
            }
            FloatVector logSum = load(scratch, 0);
            for (int c = 0; c < width; c++) {
                int column = at + c * Lanes.PANEL;
                load(in, column).sub(max).sub(logSum).intoArray(out, column);
            }
        }
    }

    /** {@code exp(x - max) / sum exp(x - max)}. */
    record Softmax() implements LaneFunction {
        @Override
        public void apply(float[] in, float[] out, int at, int width, float[] scratch) {
            FloatVector max = largest(in, at, width);
            FloatVector sum = VectorMath.broadcast(0);
            for (int c = 0; c < width; c++) {
                int column = at + c * Lanes.PANEL;
                FloatVector exp = VectorMath.exp(load(in, column).sub(max));
                sum = sum.add(exp);
                exp.intoArray(out, column);
            }
            for (int c = 0; c < width; c++) {
                int column = at + c * Lanes.PANEL;
                load(out, column).div(sum).intoArray(out, column);
            }
        }
    }

    /** {@code 1 / (1 + exp(-x))} of each element. */
    record Sigmoid() implements LaneFunction {
        @Override
        public void apply(float[] in, float[] out, int at, int width, float[] scratch) {
            for (int c = 0; c < width; c++) {
                int column = at + c * Lanes.PANEL;
                VectorMath.sigmoid(load(in, column)).intoArray(out, column);
            }
        }
    }

    /** {@code x / |x|}; a zero row stays zero. */
    record Normalize() implements LaneFunction {
        @Override
        public void apply(float[] in, float[] out, int at, int width, float[] scratch) {
            FloatVector squares = VectorMath.broadcast(0);
            for (int c = 0; c < width; c++) {
                FloatVector x = load(in, at + c * Lanes.PANEL);
                squares = x.fma(x, squares);
            }
            FloatVector one = VectorMath.broadcast(1);
            FloatVector length = squares.sqrt();
            FloatVector divisor = length.blend(one, length.compare(VectorOperators.EQ, 0));
            for (int c = 0; c < width; c++) {
                int column = at + c * Lanes.PANEL;
                load(in, column).div(divisor).intoArray(out, column);
            }
        }
    }
}
