package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Tiles} of six outputs, for processors with 16 vector registers. */
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
            float[] start,
            int startFrom,
            boolean sums,
            float[] residual,
            float[] out,
            int outFrom) {
        FloatVector a0x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 0 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 0]);
        FloatVector a0y =
                sums
                        ? fromArray(FLOATS, start, startFrom + 0 * PANEL + LENGTH)
                        : broadcast(FLOATS, start[startFrom + 0]);
        FloatVector a1x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 1 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 1]);
        FloatVector a1y =
                sums
                        ? fromArray(FLOATS, start, startFrom + 1 * PANEL + LENGTH)
                        : broadcast(FLOATS, start[startFrom + 1]);
        FloatVector a2x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 2 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 2]);
        FloatVector a2y =
                sums
                        ? fromArray(FLOATS, start, startFrom + 2 * PANEL + LENGTH)
                        : broadcast(FLOATS, start[startFrom + 2]);
        FloatVector a3x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 3 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 3]);
        FloatVector a3y =
                sums
                        ? fromArray(FLOATS, start, startFrom + 3 * PANEL + LENGTH)
                        : broadcast(FLOATS, start[startFrom + 3]);
        FloatVector a4x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 4 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 4]);
        FloatVector a4y =
                sums
                        ? fromArray(FLOATS, start, startFrom + 4 * PANEL + LENGTH)
                        : broadcast(FLOATS, start[startFrom + 4]);
        FloatVector a5x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 5 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 5]);
        FloatVector a5y =
                sums
                        ? fromArray(FLOATS, start, startFrom + 5 * PANEL + LENGTH)
                        : broadcast(FLOATS, start[startFrom + 5]);
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
        if (residual.length == 0) {
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
        } else {
            a0x.add(fromArray(FLOATS, residual, outFrom + 0 * PANEL))
                    .intoArray(out, outFrom + 0 * PANEL);
            a0y.add(fromArray(FLOATS, residual, outFrom + 0 * PANEL + LENGTH))
                    .intoArray(out, outFrom + 0 * PANEL + LENGTH);
            a1x.add(fromArray(FLOATS, residual, outFrom + 1 * PANEL))
                    .intoArray(out, outFrom + 1 * PANEL);
            a1y.add(fromArray(FLOATS, residual, outFrom + 1 * PANEL + LENGTH))
                    .intoArray(out, outFrom + 1 * PANEL + LENGTH);
            a2x.add(fromArray(FLOATS, residual, outFrom + 2 * PANEL))
                    .intoArray(out, outFrom + 2 * PANEL);
            a2y.add(fromArray(FLOATS, residual, outFrom + 2 * PANEL + LENGTH))
                    .intoArray(out, outFrom + 2 * PANEL + LENGTH);
            a3x.add(fromArray(FLOATS, residual, outFrom + 3 * PANEL))
                    .intoArray(out, outFrom + 3 * PANEL);
            a3y.add(fromArray(FLOATS, residual, outFrom + 3 * PANEL + LENGTH))
                    .intoArray(out, outFrom + 3 * PANEL + LENGTH);
            a4x.add(fromArray(FLOATS, residual, outFrom + 4 * PANEL))
                    .intoArray(out, outFrom + 4 * PANEL);
            a4y.add(fromArray(FLOATS, residual, outFrom + 4 * PANEL + LENGTH))
                    .intoArray(out, outFrom + 4 * PANEL + LENGTH);
            a5x.add(fromArray(FLOATS, residual, outFrom + 5 * PANEL))
                    .intoArray(out, outFrom + 5 * PANEL);
            a5y.add(fromArray(FLOATS, residual, outFrom + 5 * PANEL + LENGTH))
                    .intoArray(out, outFrom + 5 * PANEL + LENGTH);
        }
    }

    /** Multiplies a tile, the first vector of the panel only. */
    static void narrow(
            float[] w,
            int wFrom,
            float[] panel,
            int xFrom,
            int depth,
            float[] start,
            int startFrom,
            boolean sums,
            float[] residual,
            float[] out,
            int outFrom) {
        FloatVector a0x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 0 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 0]);
        FloatVector a1x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 1 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 1]);
        FloatVector a2x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 2 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 2]);
        FloatVector a3x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 3 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 3]);
        FloatVector a4x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 4 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 4]);
        FloatVector a5x =
                sums
                        ? fromArray(FLOATS, start, startFrom + 5 * PANEL)
                        : broadcast(FLOATS, start[startFrom + 5]);
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
        if (residual.length == 0) {
            a0x.intoArray(out, outFrom + 0 * PANEL);
            a1x.intoArray(out, outFrom + 1 * PANEL);
            a2x.intoArray(out, outFrom + 2 * PANEL);
            a3x.intoArray(out, outFrom + 3 * PANEL);
            a4x.intoArray(out, outFrom + 4 * PANEL);
            a5x.intoArray(out, outFrom + 5 * PANEL);
        } else {
            a0x.add(fromArray(FLOATS, residual, outFrom + 0 * PANEL))
                    .intoArray(out, outFrom + 0 * PANEL);
            a1x.add(fromArray(FLOATS, residual, outFrom + 1 * PANEL))
                    .intoArray(out, outFrom + 1 * PANEL);
            a2x.add(fromArray(FLOATS, residual, outFrom + 2 * PANEL))
                    .intoArray(out, outFrom + 2 * PANEL);
            a3x.add(fromArray(FLOATS, residual, outFrom + 3 * PANEL))
                    .intoArray(out, outFrom + 3 * PANEL);
            a4x.add(fromArray(FLOATS, residual, outFrom + 4 * PANEL))
                    .intoArray(out, outFrom + 4 * PANEL);
            a5x.add(fromArray(FLOATS, residual, outFrom + 5 * PANEL))
                    .intoArray(out, outFrom + 5 * PANEL);
        }
    }
}
