package org.flinksigmoid.kernels.internal.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The operations of {@link RowKernels} on rows of halves, with sums in float: O(width) each.
 * Element (r, c) of a slot lies at {@code LEAD + r stride + c}. A warp takes a row, so that sums
 * need no barrier.
 */
public final class HalfKernels {
    /**
     * Elements before the first row: with TornadoVM's header of 16 bytes it then starts on 256
     * bytes, as matrix libraries want it.
     */
    public static final int LEAD = 120;

    private static final int WARP = 32;

    private HalfKernels() {}

    /** Floats, dense, to halves. */
    public static void narrow(
            KernelContext context,
            IntArray geometry,
            FloatArray in,
            HalfFloatArray out,
            int rowsAt,
            int width,
            int stride) {
        int row = context.groupIdx * RowKernels.ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                out.set(LEAD + row * stride + c, new HalfFloat(in.get(row * width + c)));
            }
        }
    }

    /** Halves to floats, dense. */
    public static void widen(
            KernelContext context,
            IntArray geometry,
            HalfFloatArray in,
            FloatArray out,
            int rowsAt,
            int width,
            int stride) {
        int row = context.groupIdx * RowKernels.ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                out.set(row * width + c, in.get(LEAD + row * stride + c).getFloat32());
            }
        }
    }

    /** {@code out[r] = table[id[r]]}; the table is dense floats. */
    public static void embed(
            KernelContext context,
            IntArray geometry,
            FloatArray table,
            HalfFloatArray out,
            int rowsAt,
            int idsAt,
            int width,
            int stride) {
        int row = context.groupIdx * RowKernels.ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            int from = geometry.get(idsAt + row) * width;
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                out.set(LEAD + row * stride + c, new HalfFloat(table.get(from + c)));
            }
        }
    }

    /** {@code slot[r] += table[p]}, p the row's index in its sequence. */
    public static void addPosition(
            KernelContext context,
            IntArray geometry,
            FloatArray table,
            HalfFloatArray slot,
            int rowsAt,
            int offsetsAt,
            int sequencesAt,
            int width,
            int stride) {
        int row = context.groupIdx * RowKernels.ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            int position = row - geometry.get(offsetsAt + geometry.get(sequencesAt + row));
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                int at = LEAD + row * stride + c;
                float sum = slot.get(at).getFloat32() + table.get(position * width + c);
                slot.set(at, new HalfFloat(sum));
            }
        }
    }

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
            int sequence = geometry.get(sequencesAt + row);
            int first = geometry.get(beforeAt + sequence);
            int length = geometry.get(beforeAt + sequence + 1) - first;
            int from = (row - geometry.get(afterAt + sequence)) * stride - padding;
            for (int c = context.localIdx % WARP; c < taps * width; c += WARP) {
                int source = from + c / width;
                float value = 0f;
                if (source >= 0 && source < length) {
                    value = in.get(LEAD + (first + source) * inStride + c % width).getFloat32();
                }
                out.set(LEAD + row * outStride + c, new HalfFloat(value));
            }
        }
    }

    /** {@code out = gain (in - mean) / sqrt(variance + eps) + bias}, two passes. */
    public static void layerNorm(
            KernelContext context,
            IntArray geometry,
            HalfFloatArray in,
            HalfFloatArray out,
            FloatArray gain,
            FloatArray bias,
            int rowsAt,
            int width,
            int inStride,
            int outStride,
            float eps) {
        int row = context.groupIdx * RowKernels.ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            int lane = context.localIdx % WARP;
            int from = LEAD + row * inStride;
            float sum = 0f;
            for (int c = lane; c < width; c += WARP) {
                sum += in.get(from + c).getFloat32();
            }
            float mean = context.simdSum(sum) / width;
            float squares = 0f;
            for (int c = lane; c < width; c += WARP) {
                float centred = in.get(from + c).getFloat32() - mean;
                squares += centred * centred;
            }
            float factor = 1f / TornadoMath.sqrt(context.simdSum(squares) / width + eps);
            int to = LEAD + row * outStride;
            for (int c = lane; c < width; c += WARP) {
                float value = (in.get(from + c).getFloat32() - mean) * factor;
                out.set(to + c, new HalfFloat(value * gain.get(c) + bias.get(c)));
            }
        }
    }

    /** {@code slot = act(slot)}. */
    public static void activate(
            KernelContext context,
            IntArray geometry,
            HalfFloatArray slot,
            int rowsAt,
            int width,
            int stride,
            int kind) {
        int row = context.groupIdx * RowKernels.ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                int at = LEAD + row * stride + c;
                float value = Pointwise.activate(kind, slot.get(at).getFloat32());
                slot.set(at, new HalfFloat(value));
            }
        }
    }

    /** {@code slot += scale * in}. */
    public static void residualAdd(
            KernelContext context,
            IntArray geometry,
            HalfFloatArray in,
            HalfFloatArray slot,
            FloatArray scale,
            int rowsAt,
            int width,
            int inStride,
            int stride) {
        int row = context.groupIdx * RowKernels.ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                int at = LEAD + row * stride + c;
                float add = scale.get(c) * in.get(LEAD + row * inStride + c).getFloat32();
                slot.set(at, new HalfFloat(slot.get(at).getFloat32() + add));
            }
        }
    }

    /** One row of floats of each sequence's rows: see {@link RowKernels#pool}. */
    public static void pool(
            KernelContext context,
            IntArray geometry,
            HalfFloatArray in,
            FloatArray out,
            int countAt,
            int offsetsAt,
            int width,
            int stride,
            int kind) {
        int sequence = context.groupIdx;
        if (sequence < geometry.get(countAt)) {
            int first = geometry.get(offsetsAt + sequence);
            int length = geometry.get(offsetsAt + sequence + 1) - first;
            int end = kind == RowKernels.FIRST ? Math.min(length, 1) : length;
            for (int c = context.localIdx; c < width; c += RowKernels.THREADS) {
                float value = 0f;
                if (length > 0) {
                    value = in.get(LEAD + first * stride + c).getFloat32();
                }
                for (int r = 1; r < end; r++) {
                    float next = in.get(LEAD + (first + r) * stride + c).getFloat32();
                    value = kind == RowKernels.MAX ? Math.max(value, next) : value + next;
                }
                if (kind == RowKernels.MEAN) {
                    value = value / Math.max(length, 1);
                }
                out.set(sequence * width + c, value);
            }
        }
    }

    /** {@link HeadKernels#headNorm} on halves; heads are {@code headWidth} apart. */
    public static void headNorm(
            KernelContext context,
            IntArray geometry,
            HalfFloatArray slot,
            FloatArray gain,
            int rowsAt,
            int stride,
            int column,
            int heads,
            int headDim,
            int headWidth,
            float eps) {
        int row = context.globalIdx / heads;
        if (row < geometry.get(rowsAt)) {
            int from = LEAD + row * stride + column + context.globalIdx % heads * headWidth;
            float sum = 0f;
            for (int c = from; c < from + headDim; c++) {
                sum += slot.get(c).getFloat32();
            }
            float mean = sum / headDim;
            float squares = 0f;
            for (int c = from; c < from + headDim; c++) {
                float centred = slot.get(c).getFloat32() - mean;
                squares += centred * centred;
            }
            float factor = 1f / TornadoMath.sqrt(squares / headDim + eps);
            for (int c = from; c < from + headDim; c++) {
                float value = (slot.get(c).getFloat32() - mean) * factor * gain.get(c - from);
                slot.set(c, new HalfFloat(value));
            }
        }
    }

    /** {@link HeadKernels#rotary} on halves; heads are {@code headWidth} apart. */
    public static void rotary(
            KernelContext context,
            IntArray geometry,
            HalfFloatArray slot,
            FloatArray turns,
            int rowsAt,
            int offsetsAt,
            int sequencesAt,
            int stride,
            int column,
            int heads,
            int headDim,
            int headWidth) {
        int row = context.globalIdx / heads;
        if (row < geometry.get(rowsAt)) {
            int position = row - geometry.get(offsetsAt + geometry.get(sequencesAt + row));
            int from = LEAD + row * stride + column + context.globalIdx % heads * headWidth;
            int half = headDim / 2;
            int turn = position * headDim;
            for (int c = from; c < from + half; c++) {
                float cos = turns.get(turn + c - from);
                float sin = turns.get(turn + half + c - from);
                float a = slot.get(c).getFloat32();
                float b = slot.get(c + half).getFloat32();
                slot.set(c, new HalfFloat(a * cos - b * sin));
                slot.set(c + half, new HalfFloat(b * cos + a * sin));
            }
        }
    }
}
