package org.flinksigmoid.kernels.internal.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What is done in place to the heads of queries or keys, a thread a head of a row. Head h of row r
 * starts at {@code r stride + column + h headDim}.
 */
public final class HeadKernels {
    private HeadKernels() {}

    /** QK norm: layer norm with gain over a head (Dehghani et al., arXiv 2302.05442). */
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
        int row = context.globalIdx / heads;
        if (row < geometry.get(rowsAt)) {
            int from = row * stride + column + context.globalIdx % heads * headDim;
            float sum = 0f;
            for (int c = from; c < from + headDim; c++) {
                sum += slot.get(c);
            }
            float mean = sum / headDim;
            float squares = 0f;
            for (int c = from; c < from + headDim; c++) {
                float centred = slot.get(c) - mean;
                squares += centred * centred;
            }
            float factor = 1f / TornadoMath.sqrt(squares / headDim + eps);
            for (int c = from; c < from + headDim; c++) {
                slot.set(c, (slot.get(c) - mean) * factor * gain.get(c - from));
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
        int row = context.globalIdx / heads;
        if (row < geometry.get(rowsAt)) {
            int position =
                    row
                            - geometry.get(
                                    geometry.get(offsetsAt)
                                            + geometry.get(geometry.get(sequencesAt) + row));
            int from = row * stride + column + context.globalIdx % heads * headDim;
            int half = headDim / 2;
            int turn = position * headDim;
            for (int c = from; c < from + half; c++) {
                float cos = turns.get(turn + c - from);
                float sin = turns.get(turn + half + c - from);
                float a = slot.get(c);
                float b = slot.get(c + half);
                slot.set(c, a * cos - b * sin);
                slot.set(c + half, b * cos + a * sin);
            }
        }
    }
}
