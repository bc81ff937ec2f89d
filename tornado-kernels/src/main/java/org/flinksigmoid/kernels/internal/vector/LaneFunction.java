package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.flinksigmoid.kernels.backend.Op;

/**
 * A function of whole rows on one vector of them, from {@code in[at]} to {@code out[at]}, where
 * {@code at} is the first column and the next is a panel further. A class each, for the reason that
 * {@link TileActivation} gives.
 */
sealed interface LaneFunction {
    /** The species, in every loop. */
    VectorSpecies<Float> FLOATS = Lanes.FLOATS;

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

    /** {@code out = in - max}, so that no exponential overflows. */
    private static void belowLargest(float[] in, float[] out, int at, int width) {
        FloatVector max = fromArray(FLOATS, in, at);
        for (int c = 1; c < width; c++) {
            max = fromArray(FLOATS, in, at + c * Lanes.PANEL).max(max);
        }
        for (int c = 0; c < width; c++) {
            int column = at + c * Lanes.PANEL;
            fromArray(FLOATS, in, column).sub(max).intoArray(out, column);
        }
    }

    /** {@code x - max - log sum exp(x - max)}. */
    record LogSoftmax() implements LaneFunction {
        @Override
        public void apply(float[] in, float[] out, int at, int width, float[] scratch) {
            belowLargest(in, out, at, width);
            Exponentials.sum(out, at, width, false, scratch);
            for (int lane = 0; lane < Lanes.LENGTH; lane++) {
                scratch[lane] = (float) Math.log(scratch[lane]);
            }
            FloatVector logSum = fromArray(FLOATS, scratch, 0);
            for (int c = 0; c < width; c++) {
                int column = at + c * Lanes.PANEL;
                fromArray(FLOATS, out, column).sub(logSum).intoArray(out, column);
            }
        }
    }

    /** {@code exp(x - max) / sum exp(x - max)}. */
    record Softmax() implements LaneFunction {
        @Override
        public void apply(float[] in, float[] out, int at, int width, float[] scratch) {
            belowLargest(in, out, at, width);
            Exponentials.sum(out, at, width, true, scratch);
            FloatVector sum = fromArray(FLOATS, scratch, 0);
            for (int c = 0; c < width; c++) {
                int column = at + c * Lanes.PANEL;
                fromArray(FLOATS, out, column).div(sum).intoArray(out, column);
            }
        }
    }

    /** {@code 1 / (1 + exp(-x))} of each element. */
    record Sigmoid() implements LaneFunction {
        @Override
        public void apply(float[] in, float[] out, int at, int width, float[] scratch) {
            for (int c = 0; c < width; c++) {
                int column = at + c * Lanes.PANEL;
                fromArray(FLOATS, in, column).intoArray(out, column);
                Logistic.SIGMOID.apply(out, column, 1, 2);
            }
        }
    }

    /** {@code x / |x|}; a zero row stays zero, NaN where the length overflows. */
    record Normalize() implements LaneFunction {
        @Override
        public void apply(float[] in, float[] out, int at, int width, float[] scratch) {
            FloatVector squares = zero(FLOATS);
            for (int c = 0; c < width; c++) {
                FloatVector x = fromArray(FLOATS, in, at + c * Lanes.PANEL);
                squares = x.fma(x, squares);
            }
            FloatVector one = broadcast(FLOATS, 1);
            FloatVector length = squares.sqrt().add(squares.sub(squares));
            FloatVector divisor = length.blend(one, length.compare(VectorOperators.EQ, 0));
            for (int c = 0; c < width; c++) {
                int column = at + c * Lanes.PANEL;
                fromArray(FLOATS, in, column).div(divisor).intoArray(out, column);
            }
        }
    }
}
