package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Tiles} of six outputs, for processors with 16 vector registers.
 *
 * <p>Twelve accumulators, two vectors of rows and one weight take 15 of them. C2 loads three
 * weights at once where it may, and then keeps an accumulator in memory, whose way there and back
 * is longer than all products of an input: 40% of the peak. So each weight stays behind a fence,
 * which is no instruction on x86 but keeps loads behind it: 97%.
 */
final class SixOutputs {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LENGTH = Lanes.LENGTH;
    private static final int PANEL = Lanes.PANEL;

    private SixOutputs() {}

    /** Multiplies a tile, both vectors of the panel. */
    static void whole(
            float[] w,
            int wFrom,
            float[] panel,
            int xFrom,
            int depth,
            float[] bias,
            int biasFrom,
            float[] sums,
            int sumsFrom,
            float[] out,
            int outFrom) {
        FloatVector a0x = broadcast(FLOATS, bias[biasFrom + 0]);
        FloatVector a0y = a0x;
        FloatVector a1x = broadcast(FLOATS, bias[biasFrom + 1]);
        FloatVector a1y = a1x;
        FloatVector a2x = broadcast(FLOATS, bias[biasFrom + 2]);
        FloatVector a2y = a2x;
        FloatVector a3x = broadcast(FLOATS, bias[biasFrom + 3]);
        FloatVector a3y = a3x;
        FloatVector a4x = broadcast(FLOATS, bias[biasFrom + 4]);
        FloatVector a4y = a4x;
        FloatVector a5x = broadcast(FLOATS, bias[biasFrom + 5]);
        FloatVector a5y = a5x;
        if (sums.length > 0) {
            a0x = fromArray(FLOATS, sums, sumsFrom + 0 * PANEL).add(a0x);
            a0y = fromArray(FLOATS, sums, sumsFrom + 0 * PANEL + LENGTH).add(a0y);
            a1x = fromArray(FLOATS, sums, sumsFrom + 1 * PANEL).add(a1x);
            a1y = fromArray(FLOATS, sums, sumsFrom + 1 * PANEL + LENGTH).add(a1y);
            a2x = fromArray(FLOATS, sums, sumsFrom + 2 * PANEL).add(a2x);
            a2y = fromArray(FLOATS, sums, sumsFrom + 2 * PANEL + LENGTH).add(a2y);
            a3x = fromArray(FLOATS, sums, sumsFrom + 3 * PANEL).add(a3x);
            a3y = fromArray(FLOATS, sums, sumsFrom + 3 * PANEL + LENGTH).add(a3y);
            a4x = fromArray(FLOATS, sums, sumsFrom + 4 * PANEL).add(a4x);
            a4y = fromArray(FLOATS, sums, sumsFrom + 4 * PANEL + LENGTH).add(a4y);
            a5x = fromArray(FLOATS, sums, sumsFrom + 5 * PANEL).add(a5x);
            a5y = fromArray(FLOATS, sums, sumsFrom + 5 * PANEL + LENGTH).add(a5y);
        }
        for (int i = 0; i < depth; i++) {
            int xAt = xFrom + i * PANEL;
            int wAt = wFrom + i * 6;
            FloatVector x = fromArray(FLOATS, panel, xAt);
            FloatVector y = fromArray(FLOATS, panel, xAt + LENGTH);
            FloatVector w0 = broadcast(FLOATS, w[wAt + 0]);
            a0x = w0.fma(x, a0x);
            a0y = w0.fma(y, a0y);
            VarHandle.acquireFence();
            FloatVector w1 = broadcast(FLOATS, w[wAt + 1]);
            a1x = w1.fma(x, a1x);
            a1y = w1.fma(y, a1y);
            VarHandle.acquireFence();
            FloatVector w2 = broadcast(FLOATS, w[wAt + 2]);
            a2x = w2.fma(x, a2x);
            a2y = w2.fma(y, a2y);
            VarHandle.acquireFence();
            FloatVector w3 = broadcast(FLOATS, w[wAt + 3]);
            a3x = w3.fma(x, a3x);
            a3y = w3.fma(y, a3y);
            VarHandle.acquireFence();
            FloatVector w4 = broadcast(FLOATS, w[wAt + 4]);
            a4x = w4.fma(x, a4x);
            a4y = w4.fma(y, a4y);
            VarHandle.acquireFence();
            FloatVector w5 = broadcast(FLOATS, w[wAt + 5]);
            a5x = w5.fma(x, a5x);
            a5y = w5.fma(y, a5y);
        }
        a0x.intoArray(out, outFrom + 0 * PANEL);
        a0y.intoArray(out, outFrom + 0 * PANEL + LENGTH);
        a1x.intoArray(out, outFrom + 1 * PANEL);
        a1y.intoArray(out, outFrom + 1 * PANEL + LENGTH);
        a2x.intoArray(out, outFrom + 2 * PANEL);
        a2y.intoArray(out, outFrom + 2 * PANEL + LENGTH);
        a3x.intoArray(out, outFrom + 3 * PANEL);
        a3y.intoArray(out, outFrom + 3 * PANEL + LENGTH);
        a4x.intoArray(out, outFrom + 4 * PANEL);
        a4y.intoArray(out, outFrom + 4 * PANEL + LENGTH);
        a5x.intoArray(out, outFrom + 5 * PANEL);
        a5y.intoArray(out, outFrom + 5 * PANEL + LENGTH);
    }

    /** Multiplies a tile, the first vector of the panel only. */
    static void narrow(
            float[] w,
            int wFrom,
            float[] panel,
            int xFrom,
            int depth,
            float[] bias,
            int biasFrom,
            float[] sums,
            int sumsFrom,
            float[] out,
            int outFrom) {
        FloatVector a0x = broadcast(FLOATS, bias[biasFrom + 0]);
        FloatVector a1x = broadcast(FLOATS, bias[biasFrom + 1]);
        FloatVector a2x = broadcast(FLOATS, bias[biasFrom + 2]);
        FloatVector a3x = broadcast(FLOATS, bias[biasFrom + 3]);
        FloatVector a4x = broadcast(FLOATS, bias[biasFrom + 4]);
        FloatVector a5x = broadcast(FLOATS, bias[biasFrom + 5]);
        if (sums.length > 0) {
            a0x = fromArray(FLOATS, sums, sumsFrom + 0 * PANEL).add(a0x);
            a1x = fromArray(FLOATS, sums, sumsFrom + 1 * PANEL).add(a1x);
            a2x = fromArray(FLOATS, sums, sumsFrom + 2 * PANEL).add(a2x);
            a3x = fromArray(FLOATS, sums, sumsFrom + 3 * PANEL).add(a3x);
            a4x = fromArray(FLOATS, sums, sumsFrom + 4 * PANEL).add(a4x);
            a5x = fromArray(FLOATS, sums, sumsFrom + 5 * PANEL).add(a5x);
        }
        for (int i = 0; i < depth; i++) {
            int xAt = xFrom + i * PANEL;
            int wAt = wFrom + i * 6;
            FloatVector x = fromArray(FLOATS, panel, xAt);
            FloatVector w0 = broadcast(FLOATS, w[wAt + 0]);
            a0x = w0.fma(x, a0x);
            FloatVector w1 = broadcast(FLOATS, w[wAt + 1]);
            a1x = w1.fma(x, a1x);
            FloatVector w2 = broadcast(FLOATS, w[wAt + 2]);
            a2x = w2.fma(x, a2x);
            FloatVector w3 = broadcast(FLOATS, w[wAt + 3]);
            a3x = w3.fma(x, a3x);
            FloatVector w4 = broadcast(FLOATS, w[wAt + 4]);
            a4x = w4.fma(x, a4x);
            FloatVector w5 = broadcast(FLOATS, w[wAt + 5]);
            a5x = w5.fma(x, a5x);
        }
        a0x.intoArray(out, outFrom + 0 * PANEL);
        a1x.intoArray(out, outFrom + 1 * PANEL);
        a2x.intoArray(out, outFrom + 2 * PANEL);
        a3x.intoArray(out, outFrom + 3 * PANEL);
        a4x.intoArray(out, outFrom + 4 * PANEL);
        a5x.intoArray(out, outFrom + 5 * PANEL);
    }
}
