package org.flinksigmoid.kernels.internal.vector;

/**
 * The one matrix product under every layer: {@code out[r, :] = start[r] + sum_i w[i, r] panel[i, :]
 * (+ residual[r, :])} for a tile of {@link Lanes#TILE} outputs r and a panel of {@link Lanes#PANEL}
 * rows. {@code w} is packed {@code [depth, TILE]}, {@code panel} is {@code [depth, PANEL]}, {@code
 * out} is {@code [TILE, PANEL]}; the sum runs in order of i in one register an output.
 *
 * <p>Written out ({@link EightOutputs}, {@link SixOutputs}) because C2 keeps accumulators in
 * registers only as local variables: an array or a loop over them boxes. 8 x 2 accumulators cover
 * the latency of two FMA units (4 cycles each) with 10 loads to 16 FMAs; 12 x 2 and 14 x 2 measured
 * no faster (package-info). Bias and residual in passes of their own cost up to 4% of an encoder.
 */
final class Tiles {
    private Tiles() {}

    /**
     * Multiplies one tile.
     *
     * @param start sums of earlier inputs, laid out as {@code out}, or a number for each output
     * @param sums which of both {@code start} holds
     * @param residual what is added at last, at {@code outFrom}, too; empty for nothing
     * @param narrow whether only the first vector of the panel is wanted
     */
    static void multiply(
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
            int outFrom,
            boolean narrow) {
        if (Lanes.TILE == 8) {
            if (narrow) {
                EightOutputs.narrow(
                        w, wFrom, panel, xFrom, depth, start, startFrom, sums, residual, out,
                        outFrom);
            } else {
                EightOutputs.whole(
                        w, wFrom, panel, xFrom, depth, start, startFrom, sums, residual, out,
                        outFrom);
            }
        } else {
            if (narrow) {
                SixOutputs.narrow(
                        w, wFrom, panel, xFrom, depth, start, startFrom, sums, residual, out,
                        outFrom);
            } else {
                SixOutputs.whole(
                        w, wFrom, panel, xFrom, depth, start, startFrom, sums, residual, out,
                        outFrom);
            }
        }
    }
}
