package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.VectorSpecies;

/**
 * What a layer does to a tile of its product, past the {@link TileActivation activation}, while it
 * is still in L1.
 */
final class Epilogue {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LENGTH = Lanes.LENGTH;

    private Epilogue() {}

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
            fromArray(FLOATS, c, cFrom + i * LENGTH)
                    .fma(
                            broadcast(FLOATS, scale[scaleFrom + (i >> 1)]),
                            fromArray(FLOATS, residual, outFrom + i * LENGTH))
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
            fromArray(FLOATS, c, cFrom + i * LENGTH)
                    .mul(scale[scaleFrom + (i >> 1)])
                    .intoArray(out, outFrom + i * LENGTH);
        }
    }

    /** {@code c[r, :] = scale[r] c[r, :] + shift[r]} for {@code rows} rows of a panel. */
    static void scaleAndShift(
            float[] c,
            int cFrom,
            int rows,
            boolean narrow,
            float[] scale,
            float[] shift,
            int from) {
        int step = narrow ? 2 : 1;
        for (int i = 0; i < 2 * rows; i += step) {
            int row = from + (i >> 1);
            fromArray(FLOATS, c, cFrom + i * LENGTH)
                    .fma(broadcast(FLOATS, scale[row]), broadcast(FLOATS, shift[row]))
                    .intoArray(c, cFrom + i * LENGTH);
        }
    }
}
