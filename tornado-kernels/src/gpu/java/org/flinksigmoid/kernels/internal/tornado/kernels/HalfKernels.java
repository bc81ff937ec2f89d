package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.RowTile;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The operations of {@link RowKernels} on rows of halves, with sums in float: O(width) each.
 * Element (r, c) of a slot lies at {@code r stride + c}. A warp takes a row, so that sums need no
 * barrier.
 */
public final class HalfKernels {
    /** Warps of a group of {@link #pool}. */
    public static final int POOL_WARPS = 8;

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
                out.set(row * stride + c, new HalfFloat(in.get(row * width + c)));
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
                out.set(row * width + c, in.get(row * stride + c).getFloat32());
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
            int from = geometry.get(geometry.get(idsAt) + row) * width;
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                out.set(row * stride + c, new HalfFloat(table.get(from + c)));
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
            int position =
                    row
                            - geometry.get(
                                    geometry.get(offsetsAt)
                                            + geometry.get(geometry.get(sequencesAt) + row));
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                int at = row * stride + c;
                float sum = slot.get(at).getFloat32() + table.get(position * width + c);
                slot.set(at, new HalfFloat(sum));
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
            int from = row * inStride;
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
            int to = row * outStride;
            for (int c = lane; c < width; c += WARP) {
                float value = (in.get(from + c).getFloat32() - mean) * factor;
                out.set(to + c, new HalfFloat(value * gain.get(c) + bias.get(c)));
            }
        }
    }

    /** {@link #layerNorm}, the row kept in registers, for widths that {@link RowTile} holds. */
    public static void layerNormInRegisters(
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
            float[] x = RowTile.load(in, row * inStride, width);
            float mean = context.simdSum(RowTile.sum(x, width)) / width;
            float variance = context.simdSum(RowTile.squares(x, mean, width)) / width;
            float factor = 1f / TornadoMath.sqrt(variance + eps);
            RowTile.normalize(x, mean, factor, gain, bias, width);
            RowTile.store(x, out, row * outStride, width);
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
                int at = row * stride + c;
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
                int at = row * stride + c;
                float add = scale.get(c) * in.get(row * inStride + c).getFloat32();
                slot.set(at, new HalfFloat(slot.get(at).getFloat32() + add));
            }
        }
    }

    /**
     * One row of floats of each sequence's rows: see {@link RowKernels#pool}. A group takes 32
     * columns of a sequence, a warp of it every 8th row. Grid: (sequences, columns / 32).
     */
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
        float[] parts = context.allocateFloatLocalArray(WARP * POOL_WARPS);
        int sequence = context.groupIdx;
        int warp = context.localIdx / WARP;
        int column = context.groupIdy * WARP + context.localIdx % WARP;
        if (sequence < geometry.get(countAt)) {
            int first = geometry.get(geometry.get(offsetsAt) + sequence);
            int length = geometry.get(geometry.get(offsetsAt) + sequence + 1) - first;
            int end = kind == RowKernels.FIRST ? Math.min(length, 1) : length;
            float value = kind == RowKernels.MAX ? Float.NEGATIVE_INFINITY : 0f;
            if (column < width) {
                for (int r = warp; r < end; r += POOL_WARPS) {
                    float next = in.get((first + r) * stride + column).getFloat32();
                    value = kind == RowKernels.MAX ? Math.max(value, next) : value + next;
                }
            }
            parts[context.localIdx] = value;
            context.localBarrier();
            if (warp == 0 && column < width) {
                for (int w = 1; w < POOL_WARPS; w++) {
                    float next = parts[w * WARP + context.localIdx];
                    value = kind == RowKernels.MAX ? Math.max(value, next) : value + next;
                }
                if (kind == RowKernels.MEAN) {
                    value = value / Math.max(length, 1);
                }
                out.set(sequence * width + column, length > 0 ? value : 0f);
            }
        }
    }

    /**
     * QK norm and RoPE of the heads that start at {@code column}, and of as many more {@code step}
     * columns on for each further part (queries, then keys): see {@link HeadKernels}. A warp takes
     * a head of a row; lane j its elements j and j + half, and 32 on.
     *
     * @param gains {@code [parts, headDim]}, for {@code norms}
     * @param turns {@code [positions, headDim]}, for {@code rotates}: as in {@link HeadKernels}
     * @param headWidth elements from a head to the next
     * @param norms 1 to norm
     * @param rotates 1 to turn
     */
    public static void heads(
            KernelContext context,
            IntArray geometry,
            HalfFloatArray slot,
            FloatArray gains,
            FloatArray turns,
            int rowsAt,
            int offsetsAt,
            int sequencesAt,
            int stride,
            int column,
            int step,
            int parts,
            int heads,
            int headDim,
            int headWidth,
            int norms,
            int rotates,
            float eps) {
        int warp = context.globalIdx / WARP;
        int row = warp / heads;
        if (row < geometry.get(rowsAt)) {
            int half = (headDim + 1) / 2;
            int lane = context.localIdx % WARP;
            boolean hasA = lane < half;
            boolean hasB = lane < headDim - half;
            boolean hasC = lane + WARP < half;
            boolean hasD = lane + WARP < headDim - half;
            float cos = 0f;
            float sin = 0f;
            float farCos = 0f;
            float farSin = 0f;
            if (rotates == 1) {
                int sequence = geometry.get(geometry.get(sequencesAt) + row);
                int position = row - geometry.get(geometry.get(offsetsAt) + sequence);
                int turn = position * headDim + lane;
                if (hasB) {
                    cos = turns.get(turn);
                    sin = turns.get(turn + half);
                }
                if (hasD) {
                    farCos = turns.get(turn + WARP);
                    farSin = turns.get(turn + WARP + half);
                }
            }
            int from = row * stride + column + warp % heads * headWidth + lane;
            for (int part = 0; part < parts; part++) {
                int at = from + part * step;
                float a = hasA ? slot.get(at).getFloat32() : 0f;
                float b = hasB ? slot.get(at + half).getFloat32() : 0f;
                float c = hasC ? slot.get(at + WARP).getFloat32() : 0f;
                float d = hasD ? slot.get(at + WARP + half).getFloat32() : 0f;
                if (norms == 1) {
                    float mean = context.simdSum(a + b + (c + d)) / headDim;
                    a = hasA ? a - mean : 0f;
                    b = hasB ? b - mean : 0f;
                    c = hasC ? c - mean : 0f;
                    d = hasD ? d - mean : 0f;
                    float squares = context.simdSum(a * a + b * b + (c * c + d * d));
                    float factor = 1f / TornadoMath.sqrt(squares / headDim + eps);
                    int gain = part * headDim + lane;
                    a = hasA ? a * factor * gains.get(gain) : 0f;
                    b = hasB ? b * factor * gains.get(gain + half) : 0f;
                    c = hasC ? c * factor * gains.get(gain + WARP) : 0f;
                    d = hasD ? d * factor * gains.get(gain + WARP + half) : 0f;
                }
                if (rotates == 1) {
                    float turned = a * cos - b * sin;
                    b = b * cos + a * sin;
                    a = turned;
                    float farTurned = c * farCos - d * farSin;
                    d = d * farCos + c * farSin;
                    c = farTurned;
                }
                if (hasA) {
                    slot.set(at, new HalfFloat(a));
                }
                if (hasB) {
                    slot.set(at + half, new HalfFloat(b));
                }
                if (hasC) {
                    slot.set(at + WARP, new HalfFloat(c));
                }
                if (hasD) {
                    slot.set(at + WARP + half, new HalfFloat(d));
                }
            }
        }
    }
}
