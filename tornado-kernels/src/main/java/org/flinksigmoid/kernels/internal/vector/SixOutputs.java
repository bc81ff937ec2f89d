package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Tiles} of six outputs, for processors with 16 vector registers.
 *
 * <p>Twelve accumulators, two vectors of rows and one weight take 15 of them. C2 loads three
 * weights at once where it may, and then keeps an accumulator in memory, whose way there and back
 * is longer than all products of an input. So each weight stays behind a fence, which is no
 * instruction on x86 but keeps loads behind it. Four inputs a turn take 23 instructions each, one
 * takes 29 (package-info).
 */
final class SixOutputs {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LENGTH = Lanes.LENGTH;
    private static final int PANEL = Lanes.PANEL;

    /** Inputs of a turn of {@link #whole}. */
    private static final int TURN = 4;

    /** A number that changes no other, not even -0, when it is added: for all sums of a tile. */
    private static final float[] NOTHING = new float[6 * PANEL];

    static {
        Arrays.fill(NOTHING, -0f);
    }

    private SixOutputs() {}

    /** Multiplies a tile, both vectors of the panel. */
    static void multiply(
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
        int over = depth % TURN;
        int turns = depth - over;
        float[] first = sums.length > 0 ? sums : NOTHING;
        int firstFrom = sums.length > 0 ? sumsFrom : 0;
        whole(w, wFrom, panel, xFrom, turns, bias, biasFrom, first, firstFrom, out, outFrom);
        if (over > 0) {
            int wAt = wFrom + turns * 6;
            int xAt = xFrom + turns * PANEL;
            int y = outFrom + LENGTH;
            narrow(w, wAt, panel, xAt, over, NOTHING, 0, out, outFrom, out, outFrom);
            narrow(w, wAt, panel, xAt + LENGTH, over, NOTHING, 0, out, y, out, y);
        }
    }

    /**
     * As many turns. What is left over takes another method: with a second loop in this one, C2
     * moves the panel's address to a vector register and back in each turn. There are always sums
     * to begin with: where a branch made them, C2 kept an accumulator in memory in one JVM of four.
     */
    private static void whole(
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
        FloatVector b0 = broadcast(FLOATS, bias[biasFrom + 0]);
        FloatVector a0x = fromArray(FLOATS, sums, sumsFrom + 0 * PANEL).add(b0);
        FloatVector a0y = fromArray(FLOATS, sums, sumsFrom + 0 * PANEL + LENGTH).add(b0);
        FloatVector b1 = broadcast(FLOATS, bias[biasFrom + 1]);
        FloatVector a1x = fromArray(FLOATS, sums, sumsFrom + 1 * PANEL).add(b1);
        FloatVector a1y = fromArray(FLOATS, sums, sumsFrom + 1 * PANEL + LENGTH).add(b1);
        FloatVector b2 = broadcast(FLOATS, bias[biasFrom + 2]);
        FloatVector a2x = fromArray(FLOATS, sums, sumsFrom + 2 * PANEL).add(b2);
        FloatVector a2y = fromArray(FLOATS, sums, sumsFrom + 2 * PANEL + LENGTH).add(b2);
        FloatVector b3 = broadcast(FLOATS, bias[biasFrom + 3]);
        FloatVector a3x = fromArray(FLOATS, sums, sumsFrom + 3 * PANEL).add(b3);
        FloatVector a3y = fromArray(FLOATS, sums, sumsFrom + 3 * PANEL + LENGTH).add(b3);
        FloatVector b4 = broadcast(FLOATS, bias[biasFrom + 4]);
        FloatVector a4x = fromArray(FLOATS, sums, sumsFrom + 4 * PANEL).add(b4);
        FloatVector a4y = fromArray(FLOATS, sums, sumsFrom + 4 * PANEL + LENGTH).add(b4);
        FloatVector b5 = broadcast(FLOATS, bias[biasFrom + 5]);
        FloatVector a5x = fromArray(FLOATS, sums, sumsFrom + 5 * PANEL).add(b5);
        FloatVector a5y = fromArray(FLOATS, sums, sumsFrom + 5 * PANEL + LENGTH).add(b5);
        for (int i = 0; i < depth; i += TURN) {
            int xAt = xFrom + i * PANEL;
            int wAt = wFrom + i * 6;
            FloatVector x0 = fromArray(FLOATS, panel, xAt);
            FloatVector y0 = fromArray(FLOATS, panel, xAt + LENGTH);
            FloatVector w0 = broadcast(FLOATS, w[wAt + 0]);
            a0x = w0.fma(x0, a0x);
            a0y = w0.fma(y0, a0y);
            VarHandle.acquireFence();
            FloatVector w1 = broadcast(FLOATS, w[wAt + 1]);
            a1x = w1.fma(x0, a1x);
            a1y = w1.fma(y0, a1y);
            VarHandle.acquireFence();
            FloatVector w2 = broadcast(FLOATS, w[wAt + 2]);
            a2x = w2.fma(x0, a2x);
            a2y = w2.fma(y0, a2y);
            VarHandle.acquireFence();
            FloatVector w3 = broadcast(FLOATS, w[wAt + 3]);
            a3x = w3.fma(x0, a3x);
            a3y = w3.fma(y0, a3y);
            VarHandle.acquireFence();
            FloatVector w4 = broadcast(FLOATS, w[wAt + 4]);
            a4x = w4.fma(x0, a4x);
            a4y = w4.fma(y0, a4y);
            VarHandle.acquireFence();
            FloatVector w5 = broadcast(FLOATS, w[wAt + 5]);
            a5x = w5.fma(x0, a5x);
            a5y = w5.fma(y0, a5y);
            VarHandle.acquireFence();
            FloatVector x1 = fromArray(FLOATS, panel, xAt + 1 * PANEL);
            FloatVector y1 = fromArray(FLOATS, panel, xAt + 1 * PANEL + LENGTH);
            FloatVector w6 = broadcast(FLOATS, w[wAt + 6]);
            a0x = w6.fma(x1, a0x);
            a0y = w6.fma(y1, a0y);
            VarHandle.acquireFence();
            FloatVector w7 = broadcast(FLOATS, w[wAt + 7]);
            a1x = w7.fma(x1, a1x);
            a1y = w7.fma(y1, a1y);
            VarHandle.acquireFence();
            FloatVector w8 = broadcast(FLOATS, w[wAt + 8]);
            a2x = w8.fma(x1, a2x);
            a2y = w8.fma(y1, a2y);
            VarHandle.acquireFence();
            FloatVector w9 = broadcast(FLOATS, w[wAt + 9]);
            a3x = w9.fma(x1, a3x);
            a3y = w9.fma(y1, a3y);
            VarHandle.acquireFence();
            FloatVector w10 = broadcast(FLOATS, w[wAt + 10]);
            a4x = w10.fma(x1, a4x);
            a4y = w10.fma(y1, a4y);
            VarHandle.acquireFence();
            FloatVector w11 = broadcast(FLOATS, w[wAt + 11]);
            a5x = w11.fma(x1, a5x);
            a5y = w11.fma(y1, a5y);
            VarHandle.acquireFence();
            FloatVector x2 = fromArray(FLOATS, panel, xAt + 2 * PANEL);
            FloatVector y2 = fromArray(FLOATS, panel, xAt + 2 * PANEL + LENGTH);
            FloatVector w12 = broadcast(FLOATS, w[wAt + 12]);
            a0x = w12.fma(x2, a0x);
            a0y = w12.fma(y2, a0y);
            VarHandle.acquireFence();
            FloatVector w13 = broadcast(FLOATS, w[wAt + 13]);
            a1x = w13.fma(x2, a1x);
            a1y = w13.fma(y2, a1y);
            VarHandle.acquireFence();
            FloatVector w14 = broadcast(FLOATS, w[wAt + 14]);
            a2x = w14.fma(x2, a2x);
            a2y = w14.fma(y2, a2y);
            VarHandle.acquireFence();
            FloatVector w15 = broadcast(FLOATS, w[wAt + 15]);
            a3x = w15.fma(x2, a3x);
            a3y = w15.fma(y2, a3y);
            VarHandle.acquireFence();
            FloatVector w16 = broadcast(FLOATS, w[wAt + 16]);
            a4x = w16.fma(x2, a4x);
            a4y = w16.fma(y2, a4y);
            VarHandle.acquireFence();
            FloatVector w17 = broadcast(FLOATS, w[wAt + 17]);
            a5x = w17.fma(x2, a5x);
            a5y = w17.fma(y2, a5y);
            VarHandle.acquireFence();
            FloatVector x3 = fromArray(FLOATS, panel, xAt + 3 * PANEL);
            FloatVector y3 = fromArray(FLOATS, panel, xAt + 3 * PANEL + LENGTH);
            FloatVector w18 = broadcast(FLOATS, w[wAt + 18]);
            a0x = w18.fma(x3, a0x);
            a0y = w18.fma(y3, a0y);
            VarHandle.acquireFence();
            FloatVector w19 = broadcast(FLOATS, w[wAt + 19]);
            a1x = w19.fma(x3, a1x);
            a1y = w19.fma(y3, a1y);
            VarHandle.acquireFence();
            FloatVector w20 = broadcast(FLOATS, w[wAt + 20]);
            a2x = w20.fma(x3, a2x);
            a2y = w20.fma(y3, a2y);
            VarHandle.acquireFence();
            FloatVector w21 = broadcast(FLOATS, w[wAt + 21]);
            a3x = w21.fma(x3, a3x);
            a3y = w21.fma(y3, a3y);
            VarHandle.acquireFence();
            FloatVector w22 = broadcast(FLOATS, w[wAt + 22]);
            a4x = w22.fma(x3, a4x);
            a4y = w22.fma(y3, a4y);
            VarHandle.acquireFence();
            FloatVector w23 = broadcast(FLOATS, w[wAt + 23]);
            a5x = w23.fma(x3, a5x);
            a5y = w23.fma(y3, a5y);
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
