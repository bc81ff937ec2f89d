package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Tiles} of twelve outputs, for processors with 32 vector registers.
 *
 * <p>Two inputs a turn take 44 instructions each, one takes 50, which counts where a core is shared
 * (package-info). C2 would load the weights of both first and keep accumulators in memory; so each
 * weight stays behind a fence, which is no instruction on x86 but keeps loads behind it. Where it
 * is one ({@link Lanes#FREE_FENCES}), tiles take one input a turn.
 */
final class TwelveOutputs {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LENGTH = Lanes.LENGTH;
    private static final int PANEL = Lanes.PANEL;

    /** Inputs of a turn of {@link #whole}. */
    private static final int TURN = 2;

    /** A number that changes no other, not even -0, when it is added: for all sums of a tile. */
    private static final float[] NOTHING = new float[12 * PANEL];

    static {
        Arrays.fill(NOTHING, -0f);
    }

    private TwelveOutputs() {}

    /**
     * Multiplies a tile, both vectors of the panel.
     *
     * @param ahead from where on a weight is read in each turn, {@link Tiles#AHEAD} apart for each
     *     input, to have their cache lines near
     * @return a number made of them, to be kept, or C2 would leave the loads out
     */
    static int multiply(
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
            int outFrom,
            int ahead) {
        if (!Lanes.FREE_FENCES) {
            return plain(
                    w, wFrom, panel, xFrom, depth, bias, biasFrom, sums, sumsFrom, out, outFrom,
                    ahead);
        }
        int over = depth % TURN;
        int turns = depth - over;
        float[] first = sums.length > 0 ? sums : NOTHING;
        int firstFrom = sums.length > 0 ? sumsFrom : 0;
        int bits =
                whole(
                        w, wFrom, panel, xFrom, turns, bias, biasFrom, first, firstFrom, out,
                        outFrom, ahead);
        if (over > 0) {
            int wAt = wFrom + turns * 12;
            int xAt = xFrom + turns * PANEL;
            int y = outFrom + LENGTH;
            narrow(w, wAt, panel, xAt, over, NOTHING, 0, out, outFrom, out, outFrom);
            narrow(w, wAt, panel, xAt + LENGTH, over, NOTHING, 0, out, y, out, y);
        }
        return bits;
    }

    /**
     * As many turns. What is left over takes another method, which keeps this one's loop alone.
     * There are always sums to begin with: where a branch makes them, C2 keeps accumulators in
     * memory.
     */
    private static int whole(
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
            int outFrom,
            int ahead) {
        int bits = 0;
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
        FloatVector b6 = broadcast(FLOATS, bias[biasFrom + 6]);
        FloatVector a6x = fromArray(FLOATS, sums, sumsFrom + 6 * PANEL).add(b6);
        FloatVector a6y = fromArray(FLOATS, sums, sumsFrom + 6 * PANEL + LENGTH).add(b6);
        FloatVector b7 = broadcast(FLOATS, bias[biasFrom + 7]);
        FloatVector a7x = fromArray(FLOATS, sums, sumsFrom + 7 * PANEL).add(b7);
        FloatVector a7y = fromArray(FLOATS, sums, sumsFrom + 7 * PANEL + LENGTH).add(b7);
        FloatVector b8 = broadcast(FLOATS, bias[biasFrom + 8]);
        FloatVector a8x = fromArray(FLOATS, sums, sumsFrom + 8 * PANEL).add(b8);
        FloatVector a8y = fromArray(FLOATS, sums, sumsFrom + 8 * PANEL + LENGTH).add(b8);
        FloatVector b9 = broadcast(FLOATS, bias[biasFrom + 9]);
        FloatVector a9x = fromArray(FLOATS, sums, sumsFrom + 9 * PANEL).add(b9);
        FloatVector a9y = fromArray(FLOATS, sums, sumsFrom + 9 * PANEL + LENGTH).add(b9);
        FloatVector b10 = broadcast(FLOATS, bias[biasFrom + 10]);
        FloatVector a10x = fromArray(FLOATS, sums, sumsFrom + 10 * PANEL).add(b10);
        FloatVector a10y = fromArray(FLOATS, sums, sumsFrom + 10 * PANEL + LENGTH).add(b10);
        FloatVector b11 = broadcast(FLOATS, bias[biasFrom + 11]);
        FloatVector a11x = fromArray(FLOATS, sums, sumsFrom + 11 * PANEL).add(b11);
        FloatVector a11y = fromArray(FLOATS, sums, sumsFrom + 11 * PANEL + LENGTH).add(b11);
        int wStart = Objects.checkIndex(wFrom, Tiles.MOST);
        int xStart = Objects.checkIndex(xFrom, Tiles.MOST);
        int aheadStart = Objects.checkIndex(ahead, Tiles.MOST);
        int end = Objects.checkIndex(depth, Tiles.MOST_INPUTS);
        for (int i = 0; i < end; i += TURN) {
            int xAt = xStart + i * PANEL;
            int wAt = wStart + i * 12;
            bits ^= Float.floatToRawIntBits(w[aheadStart + i * Tiles.AHEAD]);
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
            FloatVector w6 = broadcast(FLOATS, w[wAt + 6]);
            a6x = w6.fma(x0, a6x);
            a6y = w6.fma(y0, a6y);
            VarHandle.acquireFence();
            FloatVector w7 = broadcast(FLOATS, w[wAt + 7]);
            a7x = w7.fma(x0, a7x);
            a7y = w7.fma(y0, a7y);
            VarHandle.acquireFence();
            FloatVector w8 = broadcast(FLOATS, w[wAt + 8]);
            a8x = w8.fma(x0, a8x);
            a8y = w8.fma(y0, a8y);
            VarHandle.acquireFence();
            FloatVector w9 = broadcast(FLOATS, w[wAt + 9]);
            a9x = w9.fma(x0, a9x);
            a9y = w9.fma(y0, a9y);
            VarHandle.acquireFence();
            FloatVector w10 = broadcast(FLOATS, w[wAt + 10]);
            a10x = w10.fma(x0, a10x);
            a10y = w10.fma(y0, a10y);
            VarHandle.acquireFence();
            FloatVector w11 = broadcast(FLOATS, w[wAt + 11]);
            a11x = w11.fma(x0, a11x);
            a11y = w11.fma(y0, a11y);
            FloatVector x1 = fromArray(FLOATS, panel, xAt + 1 * PANEL);
            FloatVector y1 = fromArray(FLOATS, panel, xAt + 1 * PANEL + LENGTH);
            VarHandle.acquireFence();
            FloatVector w12 = broadcast(FLOATS, w[wAt + 12]);
            a0x = w12.fma(x1, a0x);
            a0y = w12.fma(y1, a0y);
            VarHandle.acquireFence();
            FloatVector w13 = broadcast(FLOATS, w[wAt + 13]);
            a1x = w13.fma(x1, a1x);
            a1y = w13.fma(y1, a1y);
            VarHandle.acquireFence();
            FloatVector w14 = broadcast(FLOATS, w[wAt + 14]);
            a2x = w14.fma(x1, a2x);
            a2y = w14.fma(y1, a2y);
            VarHandle.acquireFence();
            FloatVector w15 = broadcast(FLOATS, w[wAt + 15]);
            a3x = w15.fma(x1, a3x);
            a3y = w15.fma(y1, a3y);
            VarHandle.acquireFence();
            FloatVector w16 = broadcast(FLOATS, w[wAt + 16]);
            a4x = w16.fma(x1, a4x);
            a4y = w16.fma(y1, a4y);
            VarHandle.acquireFence();
            FloatVector w17 = broadcast(FLOATS, w[wAt + 17]);
            a5x = w17.fma(x1, a5x);
            a5y = w17.fma(y1, a5y);
            VarHandle.acquireFence();
            FloatVector w18 = broadcast(FLOATS, w[wAt + 18]);
            a6x = w18.fma(x1, a6x);
            a6y = w18.fma(y1, a6y);
            VarHandle.acquireFence();
            FloatVector w19 = broadcast(FLOATS, w[wAt + 19]);
            a7x = w19.fma(x1, a7x);
            a7y = w19.fma(y1, a7y);
            VarHandle.acquireFence();
            FloatVector w20 = broadcast(FLOATS, w[wAt + 20]);
            a8x = w20.fma(x1, a8x);
            a8y = w20.fma(y1, a8y);
            VarHandle.acquireFence();
            FloatVector w21 = broadcast(FLOATS, w[wAt + 21]);
            a9x = w21.fma(x1, a9x);
            a9y = w21.fma(y1, a9y);
            VarHandle.acquireFence();
            FloatVector w22 = broadcast(FLOATS, w[wAt + 22]);
            a10x = w22.fma(x1, a10x);
            a10y = w22.fma(y1, a10y);
            VarHandle.acquireFence();
            FloatVector w23 = broadcast(FLOATS, w[wAt + 23]);
            a11x = w23.fma(x1, a11x);
            a11y = w23.fma(y1, a11y);
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
        a6x.intoArray(out, outFrom + 6 * PANEL);
        a6y.intoArray(out, outFrom + 6 * PANEL + LENGTH);
        a7x.intoArray(out, outFrom + 7 * PANEL);
        a7y.intoArray(out, outFrom + 7 * PANEL + LENGTH);
        a8x.intoArray(out, outFrom + 8 * PANEL);
        a8y.intoArray(out, outFrom + 8 * PANEL + LENGTH);
        a9x.intoArray(out, outFrom + 9 * PANEL);
        a9y.intoArray(out, outFrom + 9 * PANEL + LENGTH);
        a10x.intoArray(out, outFrom + 10 * PANEL);
        a10y.intoArray(out, outFrom + 10 * PANEL + LENGTH);
        a11x.intoArray(out, outFrom + 11 * PANEL);
        a11y.intoArray(out, outFrom + 11 * PANEL + LENGTH);
        return bits;
    }

    /** As {@link #multiply}, an input a turn without fences, which not every processor has free. */
    static int plain(
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
            int outFrom,
            int ahead) {
        int bits = 0;
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
        FloatVector a6x = broadcast(FLOATS, bias[biasFrom + 6]);
        FloatVector a6y = a6x;
        FloatVector a7x = broadcast(FLOATS, bias[biasFrom + 7]);
        FloatVector a7y = a7x;
        FloatVector a8x = broadcast(FLOATS, bias[biasFrom + 8]);
        FloatVector a8y = a8x;
        FloatVector a9x = broadcast(FLOATS, bias[biasFrom + 9]);
        FloatVector a9y = a9x;
        FloatVector a10x = broadcast(FLOATS, bias[biasFrom + 10]);
        FloatVector a10y = a10x;
        FloatVector a11x = broadcast(FLOATS, bias[biasFrom + 11]);
        FloatVector a11y = a11x;
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
            a6x = fromArray(FLOATS, sums, sumsFrom + 6 * PANEL).add(a6x);
            a6y = fromArray(FLOATS, sums, sumsFrom + 6 * PANEL + LENGTH).add(a6y);
            a7x = fromArray(FLOATS, sums, sumsFrom + 7 * PANEL).add(a7x);
            a7y = fromArray(FLOATS, sums, sumsFrom + 7 * PANEL + LENGTH).add(a7y);
            a8x = fromArray(FLOATS, sums, sumsFrom + 8 * PANEL).add(a8x);
            a8y = fromArray(FLOATS, sums, sumsFrom + 8 * PANEL + LENGTH).add(a8y);
            a9x = fromArray(FLOATS, sums, sumsFrom + 9 * PANEL).add(a9x);
            a9y = fromArray(FLOATS, sums, sumsFrom + 9 * PANEL + LENGTH).add(a9y);
            a10x = fromArray(FLOATS, sums, sumsFrom + 10 * PANEL).add(a10x);
            a10y = fromArray(FLOATS, sums, sumsFrom + 10 * PANEL + LENGTH).add(a10y);
            a11x = fromArray(FLOATS, sums, sumsFrom + 11 * PANEL).add(a11x);
            a11y = fromArray(FLOATS, sums, sumsFrom + 11 * PANEL + LENGTH).add(a11y);
        }
        for (int i = 0; i < depth; i++) {
            int xAt = xFrom + i * PANEL;
            int wAt = wFrom + i * 12;
            bits ^= Float.floatToRawIntBits(w[ahead + i * Tiles.AHEAD]);
            FloatVector x = fromArray(FLOATS, panel, xAt);
            FloatVector y = fromArray(FLOATS, panel, xAt + LENGTH);
            FloatVector w0 = broadcast(FLOATS, w[wAt + 0]);
            a0x = w0.fma(x, a0x);
            a0y = w0.fma(y, a0y);
            FloatVector w1 = broadcast(FLOATS, w[wAt + 1]);
            a1x = w1.fma(x, a1x);
            a1y = w1.fma(y, a1y);
            FloatVector w2 = broadcast(FLOATS, w[wAt + 2]);
            a2x = w2.fma(x, a2x);
            a2y = w2.fma(y, a2y);
            FloatVector w3 = broadcast(FLOATS, w[wAt + 3]);
            a3x = w3.fma(x, a3x);
            a3y = w3.fma(y, a3y);
            FloatVector w4 = broadcast(FLOATS, w[wAt + 4]);
            a4x = w4.fma(x, a4x);
            a4y = w4.fma(y, a4y);
            FloatVector w5 = broadcast(FLOATS, w[wAt + 5]);
            a5x = w5.fma(x, a5x);
            a5y = w5.fma(y, a5y);
            FloatVector w6 = broadcast(FLOATS, w[wAt + 6]);
            a6x = w6.fma(x, a6x);
            a6y = w6.fma(y, a6y);
            FloatVector w7 = broadcast(FLOATS, w[wAt + 7]);
            a7x = w7.fma(x, a7x);
            a7y = w7.fma(y, a7y);
            FloatVector w8 = broadcast(FLOATS, w[wAt + 8]);
            a8x = w8.fma(x, a8x);
            a8y = w8.fma(y, a8y);
            FloatVector w9 = broadcast(FLOATS, w[wAt + 9]);
            a9x = w9.fma(x, a9x);
            a9y = w9.fma(y, a9y);
            FloatVector w10 = broadcast(FLOATS, w[wAt + 10]);
            a10x = w10.fma(x, a10x);
            a10y = w10.fma(y, a10y);
            FloatVector w11 = broadcast(FLOATS, w[wAt + 11]);
            a11x = w11.fma(x, a11x);
            a11y = w11.fma(y, a11y);
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
        a6x.intoArray(out, outFrom + 6 * PANEL);
        a6y.intoArray(out, outFrom + 6 * PANEL + LENGTH);
        a7x.intoArray(out, outFrom + 7 * PANEL);
        a7y.intoArray(out, outFrom + 7 * PANEL + LENGTH);
        a8x.intoArray(out, outFrom + 8 * PANEL);
        a8y.intoArray(out, outFrom + 8 * PANEL + LENGTH);
        a9x.intoArray(out, outFrom + 9 * PANEL);
        a9y.intoArray(out, outFrom + 9 * PANEL + LENGTH);
        a10x.intoArray(out, outFrom + 10 * PANEL);
        a10y.intoArray(out, outFrom + 10 * PANEL + LENGTH);
        a11x.intoArray(out, outFrom + 11 * PANEL);
        a11y.intoArray(out, outFrom + 11 * PANEL + LENGTH);
        return bits;
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
        FloatVector a6x = broadcast(FLOATS, bias[biasFrom + 6]);
        FloatVector a7x = broadcast(FLOATS, bias[biasFrom + 7]);
        FloatVector a8x = broadcast(FLOATS, bias[biasFrom + 8]);
        FloatVector a9x = broadcast(FLOATS, bias[biasFrom + 9]);
        FloatVector a10x = broadcast(FLOATS, bias[biasFrom + 10]);
        FloatVector a11x = broadcast(FLOATS, bias[biasFrom + 11]);
        if (sums.length > 0) {
            a0x = fromArray(FLOATS, sums, sumsFrom + 0 * PANEL).add(a0x);
            a1x = fromArray(FLOATS, sums, sumsFrom + 1 * PANEL).add(a1x);
            a2x = fromArray(FLOATS, sums, sumsFrom + 2 * PANEL).add(a2x);
            a3x = fromArray(FLOATS, sums, sumsFrom + 3 * PANEL).add(a3x);
            a4x = fromArray(FLOATS, sums, sumsFrom + 4 * PANEL).add(a4x);
            a5x = fromArray(FLOATS, sums, sumsFrom + 5 * PANEL).add(a5x);
            a6x = fromArray(FLOATS, sums, sumsFrom + 6 * PANEL).add(a6x);
            a7x = fromArray(FLOATS, sums, sumsFrom + 7 * PANEL).add(a7x);
            a8x = fromArray(FLOATS, sums, sumsFrom + 8 * PANEL).add(a8x);
            a9x = fromArray(FLOATS, sums, sumsFrom + 9 * PANEL).add(a9x);
            a10x = fromArray(FLOATS, sums, sumsFrom + 10 * PANEL).add(a10x);
            a11x = fromArray(FLOATS, sums, sumsFrom + 11 * PANEL).add(a11x);
        }
        int wStart = Objects.checkIndex(wFrom, Tiles.MOST);
        int xStart = Objects.checkIndex(xFrom, Tiles.MOST);
        int end = Objects.checkIndex(depth, Tiles.MOST_INPUTS);
        for (int i = 0; i < end; i++) {
            int xAt = xStart + i * PANEL;
            int wAt = wStart + i * 12;
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
            FloatVector w6 = broadcast(FLOATS, w[wAt + 6]);
            a6x = w6.fma(x, a6x);
            FloatVector w7 = broadcast(FLOATS, w[wAt + 7]);
            a7x = w7.fma(x, a7x);
            FloatVector w8 = broadcast(FLOATS, w[wAt + 8]);
            a8x = w8.fma(x, a8x);
            FloatVector w9 = broadcast(FLOATS, w[wAt + 9]);
            a9x = w9.fma(x, a9x);
            FloatVector w10 = broadcast(FLOATS, w[wAt + 10]);
            a10x = w10.fma(x, a10x);
            FloatVector w11 = broadcast(FLOATS, w[wAt + 11]);
            a11x = w11.fma(x, a11x);
        }
        a0x.intoArray(out, outFrom + 0 * PANEL);
        a1x.intoArray(out, outFrom + 1 * PANEL);
        a2x.intoArray(out, outFrom + 2 * PANEL);
        a3x.intoArray(out, outFrom + 3 * PANEL);
        a4x.intoArray(out, outFrom + 4 * PANEL);
        a5x.intoArray(out, outFrom + 5 * PANEL);
        a6x.intoArray(out, outFrom + 6 * PANEL);
        a7x.intoArray(out, outFrom + 7 * PANEL);
        a8x.intoArray(out, outFrom + 8 * PANEL);
        a9x.intoArray(out, outFrom + 9 * PANEL);
        a10x.intoArray(out, outFrom + 10 * PANEL);
        a11x.intoArray(out, outFrom + 11 * PANEL);
    }
}
