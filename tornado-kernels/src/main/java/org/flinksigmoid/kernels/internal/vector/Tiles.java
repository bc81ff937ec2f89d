package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The one matrix product under every layer: {@code c[r, :] (+)= sum_i w[i, r] panel[i, :]} for a
 * tile of {@link Lanes#TILE} outputs r and a panel of {@link Lanes#PANEL} rows. {@code w} is packed
 * {@code [depth, TILE]}, {@code panel} is {@code [depth, PANEL]}, {@code c} is {@code [TILE,
 * PANEL]}; the sum runs in order of i in one register an output.
 *
 * <p>Written out because C2 keeps accumulators in registers only as local variables: an array or a
 * loop over them boxes. 8 x 2 accumulators cover the latency of two FMA units (4 cycles each) with
 * 10 loads to 16 FMAs; 12 x 2 and 14 x 2 measured no faster (package-info). {@code zero} is made
 * anew each time: a constant object in a static field would be a box, and box all it merges with.
 */
final class Tiles {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LENGTH = Lanes.LENGTH;
    private static final int PANEL = Lanes.PANEL;

    private Tiles() {}

    /**
     * Multiplies one tile.
     *
     * @param add whether to add to what {@code c} holds, or to overwrite it
     * @param narrow whether only the first vector of the panel is wanted
     */
    static void multiply(
            float[] w,
            int wFrom,
            float[] panel,
            int xFrom,
            int depth,
            float[] c,
            int cFrom,
            boolean add,
            boolean narrow) {
        if (Lanes.TILE == 8) {
            if (narrow) {
                multiply8x1(w, wFrom, panel, xFrom, depth, c, cFrom, add);
            } else {
                multiply8x2(w, wFrom, panel, xFrom, depth, c, cFrom, add);
            }
        } else {
            if (narrow) {
                multiply6x1(w, wFrom, panel, xFrom, depth, c, cFrom, add);
            } else {
                multiply6x2(w, wFrom, panel, xFrom, depth, c, cFrom, add);
            }
        }
    }

    private static void multiply8x2(
            float[] w,
            int wFrom,
            float[] panel,
            int xFrom,
            int depth,
            float[] c,
            int cFrom,
            boolean add) {
        FloatVector a0x = add ? fromArray(FLOATS, c, cFrom + 0 * PANEL) : zero(FLOATS);
        FloatVector a0y = add ? fromArray(FLOATS, c, cFrom + 0 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a1x = add ? fromArray(FLOATS, c, cFrom + 1 * PANEL) : zero(FLOATS);
        FloatVector a1y = add ? fromArray(FLOATS, c, cFrom + 1 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a2x = add ? fromArray(FLOATS, c, cFrom + 2 * PANEL) : zero(FLOATS);
        FloatVector a2y = add ? fromArray(FLOATS, c, cFrom + 2 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a3x = add ? fromArray(FLOATS, c, cFrom + 3 * PANEL) : zero(FLOATS);
        FloatVector a3y = add ? fromArray(FLOATS, c, cFrom + 3 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a4x = add ? fromArray(FLOATS, c, cFrom + 4 * PANEL) : zero(FLOATS);
        FloatVector a4y = add ? fromArray(FLOATS, c, cFrom + 4 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a5x = add ? fromArray(FLOATS, c, cFrom + 5 * PANEL) : zero(FLOATS);
        FloatVector a5y = add ? fromArray(FLOATS, c, cFrom + 5 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a6x = add ? fromArray(FLOATS, c, cFrom + 6 * PANEL) : zero(FLOATS);
        FloatVector a6y = add ? fromArray(FLOATS, c, cFrom + 6 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a7x = add ? fromArray(FLOATS, c, cFrom + 7 * PANEL) : zero(FLOATS);
        FloatVector a7y = add ? fromArray(FLOATS, c, cFrom + 7 * PANEL + LENGTH) : zero(FLOATS);
        for (int i = 0; i < depth; i++) {
            int xAt = xFrom + i * PANEL;
            int wAt = wFrom + i * 8;
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
        a0x.intoArray(c, cFrom + 0 * PANEL);
        a0y.intoArray(c, cFrom + 0 * PANEL + LENGTH);
        a1x.intoArray(c, cFrom + 1 * PANEL);
        a1y.intoArray(c, cFrom + 1 * PANEL + LENGTH);
        a2x.intoArray(c, cFrom + 2 * PANEL);
        a2y.intoArray(c, cFrom + 2 * PANEL + LENGTH);
        a3x.intoArray(c, cFrom + 3 * PANEL);
        a3y.intoArray(c, cFrom + 3 * PANEL + LENGTH);
        a4x.intoArray(c, cFrom + 4 * PANEL);
        a4y.intoArray(c, cFrom + 4 * PANEL + LENGTH);
        a5x.intoArray(c, cFrom + 5 * PANEL);
        a5y.intoArray(c, cFrom + 5 * PANEL + LENGTH);
        a6x.intoArray(c, cFrom + 6 * PANEL);
        a6y.intoArray(c, cFrom + 6 * PANEL + LENGTH);
        a7x.intoArray(c, cFrom + 7 * PANEL);
        a7y.intoArray(c, cFrom + 7 * PANEL + LENGTH);
    }

    private static void multiply8x1(
            float[] w,
            int wFrom,
            float[] panel,
            int xFrom,
            int depth,
            float[] c,
            int cFrom,
            boolean add) {
        FloatVector a0x = add ? fromArray(FLOATS, c, cFrom + 0 * PANEL) : zero(FLOATS);
        FloatVector a1x = add ? fromArray(FLOATS, c, cFrom + 1 * PANEL) : zero(FLOATS);
        FloatVector a2x = add ? fromArray(FLOATS, c, cFrom + 2 * PANEL) : zero(FLOATS);
        FloatVector a3x = add ? fromArray(FLOATS, c, cFrom + 3 * PANEL) : zero(FLOATS);
        FloatVector a4x = add ? fromArray(FLOATS, c, cFrom + 4 * PANEL) : zero(FLOATS);
        FloatVector a5x = add ? fromArray(FLOATS, c, cFrom + 5 * PANEL) : zero(FLOATS);
        FloatVector a6x = add ? fromArray(FLOATS, c, cFrom + 6 * PANEL) : zero(FLOATS);
        FloatVector a7x = add ? fromArray(FLOATS, c, cFrom + 7 * PANEL) : zero(FLOATS);
        for (int i = 0; i < depth; i++) {
            int xAt = xFrom + i * PANEL;
            int wAt = wFrom + i * 8;
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
        a0x.intoArray(c, cFrom + 0 * PANEL);
        a1x.intoArray(c, cFrom + 1 * PANEL);
        a2x.intoArray(c, cFrom + 2 * PANEL);
        a3x.intoArray(c, cFrom + 3 * PANEL);
        a4x.intoArray(c, cFrom + 4 * PANEL);
        a5x.intoArray(c, cFrom + 5 * PANEL);
        a6x.intoArray(c, cFrom + 6 * PANEL);
        a7x.intoArray(c, cFrom + 7 * PANEL);
    }

    private static void multiply6x2(
            float[] w,
            int wFrom,
            float[] panel,
            int xFrom,
            int depth,
            float[] c,
            int cFrom,
            boolean add) {
        FloatVector a0x = add ? fromArray(FLOATS, c, cFrom + 0 * PANEL) : zero(FLOATS);
        FloatVector a0y = add ? fromArray(FLOATS, c, cFrom + 0 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a1x = add ? fromArray(FLOATS, c, cFrom + 1 * PANEL) : zero(FLOATS);
        FloatVector a1y = add ? fromArray(FLOATS, c, cFrom + 1 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a2x = add ? fromArray(FLOATS, c, cFrom + 2 * PANEL) : zero(FLOATS);
        FloatVector a2y = add ? fromArray(FLOATS, c, cFrom + 2 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a3x = add ? fromArray(FLOATS, c, cFrom + 3 * PANEL) : zero(FLOATS);
        FloatVector a3y = add ? fromArray(FLOATS, c, cFrom + 3 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a4x = add ? fromArray(FLOATS, c, cFrom + 4 * PANEL) : zero(FLOATS);
        FloatVector a4y = add ? fromArray(FLOATS, c, cFrom + 4 * PANEL + LENGTH) : zero(FLOATS);
        FloatVector a5x = add ? fromArray(FLOATS, c, cFrom + 5 * PANEL) : zero(FLOATS);
        FloatVector a5y = add ? fromArray(FLOATS, c, cFrom + 5 * PANEL + LENGTH) : zero(FLOATS);
        for (int i = 0; i < depth; i++) {
            int xAt = xFrom + i * PANEL;
            int wAt = wFrom + i * 6;
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
        }
        a0x.intoArray(c, cFrom + 0 * PANEL);
        a0y.intoArray(c, cFrom + 0 * PANEL + LENGTH);
        a1x.intoArray(c, cFrom + 1 * PANEL);
        a1y.intoArray(c, cFrom + 1 * PANEL + LENGTH);
        a2x.intoArray(c, cFrom + 2 * PANEL);
        a2y.intoArray(c, cFrom + 2 * PANEL + LENGTH);
        a3x.intoArray(c, cFrom + 3 * PANEL);
        a3y.intoArray(c, cFrom + 3 * PANEL + LENGTH);
        a4x.intoArray(c, cFrom + 4 * PANEL);
        a4y.intoArray(c, cFrom + 4 * PANEL + LENGTH);
        a5x.intoArray(c, cFrom + 5 * PANEL);
        a5y.intoArray(c, cFrom + 5 * PANEL + LENGTH);
    }

    private static void multiply6x1(
            float[] w,
            int wFrom,
            float[] panel,
            int xFrom,
            int depth,
            float[] c,
            int cFrom,
            boolean add) {
        FloatVector a0x = add ? fromArray(FLOATS, c, cFrom + 0 * PANEL) : zero(FLOATS);
        FloatVector a1x = add ? fromArray(FLOATS, c, cFrom + 1 * PANEL) : zero(FLOATS);
        FloatVector a2x = add ? fromArray(FLOATS, c, cFrom + 2 * PANEL) : zero(FLOATS);
        FloatVector a3x = add ? fromArray(FLOATS, c, cFrom + 3 * PANEL) : zero(FLOATS);
        FloatVector a4x = add ? fromArray(FLOATS, c, cFrom + 4 * PANEL) : zero(FLOATS);
        FloatVector a5x = add ? fromArray(FLOATS, c, cFrom + 5 * PANEL) : zero(FLOATS);
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
        a0x.intoArray(c, cFrom + 0 * PANEL);
        a1x.intoArray(c, cFrom + 1 * PANEL);
        a2x.intoArray(c, cFrom + 2 * PANEL);
        a3x.intoArray(c, cFrom + 3 * PANEL);
        a4x.intoArray(c, cFrom + 4 * PANEL);
        a5x.intoArray(c, cFrom + 5 * PANEL);
    }
}
