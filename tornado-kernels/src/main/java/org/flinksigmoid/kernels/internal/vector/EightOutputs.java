package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Tiles} of eight outputs, for processors with 32 vector registers. An input at a time:
 * turns as in {@link TwelveOutputs} gain less here than C2 takes longer for them.
 */
final class EightOutputs {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LENGTH = Lanes.LENGTH;
    private static final int PANEL = Lanes.PANEL;

    private EightOutputs() {}

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
        FloatVector a6x = broadcast(FLOATS, bias[biasFrom + 6]);
        FloatVector a6y = a6x;
        FloatVector a7x = broadcast(FLOATS, bias[biasFrom + 7]);
        FloatVector a7y = a7x;
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
        }
        int wStart = Objects.checkIndex(wFrom, Tiles.MOST);
        int xStart = Objects.checkIndex(xFrom, Tiles.MOST);
        int end = Objects.checkIndex(depth, Tiles.MOST_INPUTS);
        for (int i = 0; i < end; i++) {
            int xAt = xStart + i * PANEL;
            int wAt = wStart + i * 8;
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
        if (sums.length > 0) {
            a0x = fromArray(FLOATS, sums, sumsFrom + 0 * PANEL).add(a0x);
            a1x = fromArray(FLOATS, sums, sumsFrom + 1 * PANEL).add(a1x);
            a2x = fromArray(FLOATS, sums, sumsFrom + 2 * PANEL).add(a2x);
            a3x = fromArray(FLOATS, sums, sumsFrom + 3 * PANEL).add(a3x);
            a4x = fromArray(FLOATS, sums, sumsFrom + 4 * PANEL).add(a4x);
            a5x = fromArray(FLOATS, sums, sumsFrom + 5 * PANEL).add(a5x);
            a6x = fromArray(FLOATS, sums, sumsFrom + 6 * PANEL).add(a6x);
            a7x = fromArray(FLOATS, sums, sumsFrom + 7 * PANEL).add(a7x);
        }
        int wStart = Objects.checkIndex(wFrom, Tiles.MOST);
        int xStart = Objects.checkIndex(xFrom, Tiles.MOST);
        int end = Objects.checkIndex(depth, Tiles.MOST_INPUTS);
        for (int i = 0; i < end; i++) {
            int xAt = xStart + i * PANEL;
            int wAt = wStart + i * 8;
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
        }
        a0x.intoArray(out, outFrom + 0 * PANEL);
        a1x.intoArray(out, outFrom + 1 * PANEL);
        a2x.intoArray(out, outFrom + 2 * PANEL);
        a3x.intoArray(out, outFrom + 3 * PANEL);
        a4x.intoArray(out, outFrom + 4 * PANEL);
        a5x.intoArray(out, outFrom + 5 * PANEL);
        a6x.intoArray(out, outFrom + 6 * PANEL);
        a7x.intoArray(out, outFrom + 7 * PANEL);
    }
}
