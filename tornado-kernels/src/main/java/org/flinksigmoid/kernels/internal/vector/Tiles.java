package org.flinksigmoid.kernels.internal.vector;

/**
 * The one matrix product under every layer: {@code out[r, :] = bias[r] (+ sums[r, :]) + sum_i w[i,
 * r] panel[i, :]} for a tile of outputs r and a panel of {@link Lanes#PANEL} rows. {@code w} is
 * packed {@code [depth, outputs]}, {@code panel} is {@code [depth, PANEL]}, {@code out} is {@code
 * [outputs, PANEL]}; the sum runs in order of i in one register an output.
 *
 * <p>Written out ({@link TwelveOutputs}, {@link EightOutputs}, {@link SixOutputs}) because C2 keeps
 * accumulators in registers only as local variables: an array or a loop over them boxes. 12 x 2
 * accumulators take 14 loads for 24 FMAs, 8 x 2 take 10 for 16; the two vectors of rows cross a
 * cache line each, as Java's arrays begin where they like, which 8 x 2 pays with 6% (package-info).
 * Bias and residual in passes of their own cost up to 4% of an encoder. They come before the
 * products: one more way through the method, and it is too long for C1, whose profile C2 needs.
 */
final class Tiles {
    /** Weights that a long tile reads ahead for each input. */
    static final int AHEAD = 4;

    /**
     * Where in an array a tile may begin: below this. Kernels check it, so that C2 knows that no
     * index overflows: 44 instructions an input instead of 46.
     */
    static final int MOST = 1 << 30;

    /** As {@link #MOST} for the inputs of a tile: one more than there may be. */
    static final int MOST_INPUTS = 1 << 16;

    private Tiles() {}

    /**
     * The length of an array that tiles read or write.
     *
     * @throws IllegalArgumentException if that is more than they can index
     */
    static int size(long floats) {
        if (floats > MOST) {
            throw new IllegalArgumentException(
                    floats + " numbers in one array, of which a kernel reaches " + MOST);
        }
        return (int) floats;
    }

    /** {@link #multiply} that reads nothing ahead. */
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
            int outFrom,
            int outputs,
            boolean narrow) {
        multiply(
                w, wFrom, panel, xFrom, depth, bias, biasFrom, sums, sumsFrom, out, outFrom,
                outputs, narrow, wFrom);
    }

    /**
     * Multiplies one tile.
     *
     * @param bias a number for each output
     * @param sums a residual, or the sums of earlier inputs, laid out as {@code out} and possibly
     *     {@code out} itself; empty for nothing
     * @param outputs {@link Lanes#LONG_TILE} or {@link Lanes#TILE}
     * @param narrow whether only the first vector of the panel is wanted
     * @param ahead where in {@code w} weights begin that a long tile reads, {@link #AHEAD} for each
     *     input, so that they are in a cache later
     * @return what keeps C2 from leaving that out
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
            int outputs,
            boolean narrow,
            int ahead) {
        if (outputs == 12) {
            if (narrow) {
                TwelveOutputs.narrow(
                        w, wFrom, panel, xFrom, depth, bias, biasFrom, sums, sumsFrom, out,
                        outFrom);
            } else {
                return TwelveOutputs.multiply(
                        w, wFrom, panel, xFrom, depth, bias, biasFrom, sums, sumsFrom, out, outFrom,
                        ahead);
            }
        } else if (outputs == 8) {
            if (narrow) {
                EightOutputs.narrow(
                        w, wFrom, panel, xFrom, depth, bias, biasFrom, sums, sumsFrom, out,
                        outFrom);
            } else {
                EightOutputs.whole(
                        w, wFrom, panel, xFrom, depth, bias, biasFrom, sums, sumsFrom, out,
                        outFrom);
            }
        } else {
            if (narrow) {
                SixOutputs.narrow(
                        w, wFrom, panel, xFrom, depth, bias, biasFrom, sums, sumsFrom, out,
                        outFrom);
            } else {
                SixOutputs.multiply(
                        w, wFrom, panel, xFrom, depth, bias, biasFrom, sums, sumsFrom, out,
                        outFrom);
            }
        }
        return 0;
    }
}
