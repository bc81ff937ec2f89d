package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.RowTile;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What the output rows of a convolution look at, laid side by side as halves, so that it is a
 * matrix product: {@link RowKernels#unfold} for halves, in pieces, and from floats. A warp takes a
 * row of the output.
 */
public final class UnfoldKernels {
    /** Columns that the kernels that work in pieces take at once. */
    public static final int PIECE = 8;

    private static final int WARP = 32;

    private UnfoldKernels() {}

    /** What a convolution's output rows look at: see {@link RowKernels#unfold}. */
    public static void unfold(
            KernelContext context,
            IntArray geometry,
            HalfFloatArray in,
            HalfFloatArray out,
            int rowsAt,
            int beforeAt,
            int afterAt,
            int sequencesAt,
            int width,
            int inStride,
            int outStride,
            int taps,
            int stride,
            int padding) {
        int row = context.groupIdx * RowKernels.ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            int sequence = geometry.get(geometry.get(sequencesAt) + row);
            int first = geometry.get(geometry.get(beforeAt) + sequence);
            int length = geometry.get(geometry.get(beforeAt) + sequence + 1) - first;
            int from = (row - geometry.get(geometry.get(afterAt) + sequence)) * stride - padding;
            for (int c = context.localIdx % WARP; c < taps * width; c += WARP) {
                int source = from + c / width;
                float value = 0f;
                if (source >= 0 && source < length) {
                    value = in.get((first + source) * inStride + c % width).getFloat32();
                }
                out.set(row * outStride + c, new HalfFloat(value));
            }
        }
    }

    /** {@link #unfold} for widths that are multiples of 8, 8 columns at a time. */
    public static void unfoldPieces(
            KernelContext context,
            IntArray geometry,
            HalfFloatArray in,
            HalfFloatArray out,
            int rowsAt,
            int beforeAt,
            int afterAt,
            int sequencesAt,
            int width,
            int taps,
            int stride,
            int padding) {
        int row = context.groupIdx * RowKernels.ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            int sequence = geometry.get(geometry.get(sequencesAt) + row);
            int first = geometry.get(geometry.get(beforeAt) + sequence);
            int length = geometry.get(geometry.get(beforeAt) + sequence + 1) - first;
            int from = (row - geometry.get(geometry.get(afterAt) + sequence)) * stride - padding;
            for (int c = context.localIdx % WARP * PIECE; c < taps * width; c += WARP * PIECE) {
                int source = from + c / width;
                int present = source >= 0 && source < length ? 1 : 0;
                int at = (first + source) * width + c % width;
                RowTile.copy(in, at, out, row * taps * width + c, present);
            }
        }
    }

    /** {@link #unfoldPieces} of floats. */
    public static void unfoldFloats(
            KernelContext context,
            IntArray geometry,
            FloatArray in,
            HalfFloatArray out,
            int rowsAt,
            int beforeAt,
            int afterAt,
            int sequencesAt,
            int width,
            int taps,
            int stride,
            int padding) {
        int row = context.groupIdx * RowKernels.ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            int sequence = geometry.get(geometry.get(sequencesAt) + row);
            int first = geometry.get(geometry.get(beforeAt) + sequence);
            int length = geometry.get(geometry.get(beforeAt) + sequence + 1) - first;
            int from = (row - geometry.get(geometry.get(afterAt) + sequence)) * stride - padding;
            for (int c = context.localIdx % WARP * PIECE; c < taps * width; c += WARP * PIECE) {
                int source = from + c / width;
                int present = source >= 0 && source < length ? 1 : 0;
                int at = (first + source) * width + c % width;
                RowTile.round(in, at, out, row * taps * width + c, present);
            }
        }
    }
}
