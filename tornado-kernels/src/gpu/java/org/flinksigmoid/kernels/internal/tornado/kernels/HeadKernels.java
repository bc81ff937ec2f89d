package org.flinksigmoid.kernels.internal.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What is done in place to the heads of queries or keys, a warp a head of a row. Head h of row r
 * starts at {@code r stride + column + h headDim}.
 */
public final class HeadKernels {
    private static final int WARP = 32;

    private HeadKernels() {}

    /**
     * QK norm: layer norm with gain over a head (Dehghani et al., arXiv 2302.05442); NaN where the
     * variance overflows.
     */
    public static void headNorm(
            KernelContext context,
            IntArray geometry,
            FloatArray slot,
            FloatArray gain,
            int rowsAt,
            int stride,
            int column,
            int heads,
            int headDim,
            float eps) {
        int warp = context.globalIdx / WARP;
        int row = warp / heads;
        if (row < geometry.get(rowsAt)) {
            int lane = context.localIdx % WARP;
            int from = row * stride + column + warp % heads * headDim;
            float sum = 0f;
            for (int c = lane; c < headDim; c += WARP) {
                sum += slot.get(from + c);
            }
            float mean = context.simdSum(sum) / headDim;
            float squares = 0f;
            for (int c = lane; c < headDim; c += WARP) {
                float centred = slot.get(from + c) - mean;
                squares += centred * centred;
            }
            float variance = context.simdSum(squares) / headDim;
            float factor = 1f / TornadoMath.sqrt(variance + eps) + (variance - variance);
            for (int c = lane; c < headDim; c += WARP) {
                slot.set(from + c, (slot.get(from + c) - mean) * factor * gain.get(c));
            }
        }
    }

    /**
     * RoPE (Su et al., arXiv 2104.09864): columns j and j + headDim/2 turn by an angle.
     *
     * @param turns {@code [positions, headDim]}: cosines of a position's headDim/2 angles, then
     *     sines
     */
    public static void rotary(
            KernelContext context,
            IntArray geometry,
            FloatArray slot,
            FloatArray turns,
            int rowsAt,
            int offsetsAt,
            int sequencesAt,
            int stride,
            int column,
            int heads,
            int headDim) {
        int warp = context.globalIdx / WARP;
        int row = warp / heads;
        if (row < geometry.get(rowsAt)) {
            int position =
                    row
                            - geometry.get(
                                    geometry.get(offsetsAt)
                                            + geometry.get(geometry.get(sequencesAt) + row));
            int from = row * stride + column + warp % heads * headDim;
            int half = headDim / 2;
            int turn = position * headDim;
            for (int c = context.localIdx % WARP; c < half; c += WARP) {
                float cos = turns.get(turn + c);
                float sin = turns.get(turn + half + c);
                float a = slot.get(from + c);
                float b = slot.get(from + half + c);
                slot.set(from + c, a * cos - b * sin);
                slot.set(from + half + c, b * cos + a * sin);
            }
        }
    }
}
