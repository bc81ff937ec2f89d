package org.flinksigmoid.kernels.internal.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Operations on rows of floats, a warp of 32 threads a row, so that sums need no barrier: O(width)
 * each. Slots are row-major and dense. {@code geometry} says how many rows there are ({@code
 * rowsAt}) and where two lists start: each sequence's first row ({@code offsetsAt}) and each row's
 * sequence ({@code sequencesAt}). Warps past the rows do nothing, so that a grid serves every
 * smaller batch.
 *
 * <p>No kernel hands a shared array to another method: TornadoVM 5.2.0 then addresses it wrongly.
 */
public final class RowKernels {
    /** {@link #rowFunction}: {@code x - log sum exp x}. */
    public static final int LOG_SOFTMAX = 0;

    /** {@link #rowFunction}: {@code exp x / sum exp x}. */
    public static final int SOFTMAX = 1;

    /** {@link #rowFunction}: {@code 1 / (1 + exp(-x))}. */
    public static final int SIGMOID = 2;

    /** {@link #rowFunction}: {@code x / |x|}, NaN where the length overflows. */
    public static final int L2_NORMALIZE = 3;

    /** {@link #pool}: the mean of the rows. */
    public static final int MEAN = 0;

    /** {@link #pool}: the first row. */
    public static final int FIRST = 1;

    /** {@link #pool}: the largest of each column. */
    public static final int MAX = 2;

    /** Threads of a group. */
    public static final int THREADS = 128;

    /** Rows of a group. */
    public static final int ROWS = 4;

    private static final int WARP = 32;

    private RowKernels() {}

    /** {@code out[r] = table[id[r]]}; the ids lie in the geometry. */
    public static void embed(
            KernelContext context,
            IntArray geometry,
            FloatArray table,
            FloatArray out,
            int rowsAt,
            int idsAt,
            int width) {
        int row = context.groupIdx * ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            int from = geometry.get(geometry.get(idsAt) + row) * width;
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                out.set(row * width + c, table.get(from + c));
            }
        }
    }

    /** {@code slot[r] += table[p]}, p the row's index in its sequence. */
    public static void addPosition(
            KernelContext context,
            IntArray geometry,
            FloatArray table,
            FloatArray slot,
            int rowsAt,
            int offsetsAt,
            int sequencesAt,
            int width) {
        int row = context.groupIdx * ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            int position =
                    row
                            - geometry.get(
                                    geometry.get(offsetsAt)
                                            + geometry.get(geometry.get(sequencesAt) + row));
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                int at = row * width + c;
                slot.set(at, slot.get(at) + table.get(position * width + c));
            }
        }
    }

    /** {@code slot = act(slot)}. */
    public static void activate(
            KernelContext context,
            IntArray geometry,
            FloatArray slot,
            int rowsAt,
            int width,
            int kind) {
        int row = context.groupIdx * ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                int at = row * width + c;
                slot.set(at, Pointwise.activate(kind, slot.get(at)));
            }
        }
    }

    /**
     * What a convolution's output row looks at, laid side by side: {@code out[r, tap * width + c] =
     * in[stride t + tap - padding, c]}, zero outside the sequence. With it a convolution is a
     * linear layer.
     *
     * @param in {@code [rows before, width]}
     * @param out {@code [rows after, taps * width]}
     * @param beforeAt offsets of the sequences in {@code in}
     * @param afterAt the same in {@code out}
     */
    public static void unfold(
            KernelContext context,
            IntArray geometry,
            FloatArray in,
            FloatArray out,
            int rowsAt,
            int beforeAt,
            int afterAt,
            int sequencesAt,
            int width,
            int taps,
            int stride,
            int padding) {
        int row = context.groupIdx * ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            int sequence = geometry.get(geometry.get(sequencesAt) + row);
            int first = geometry.get(geometry.get(beforeAt) + sequence);
            int length = geometry.get(geometry.get(beforeAt) + sequence + 1) - first;
            int from = (row - geometry.get(geometry.get(afterAt) + sequence)) * stride - padding;
            for (int c = context.localIdx % WARP; c < taps * width; c += WARP) {
                int source = from + c / width;
                float value = 0f;
                if (source >= 0 && source < length) {
                    value = in.get((first + source) * width + c % width);
                }
                out.set(row * taps * width + c, value);
            }
        }
    }

    /**
     * {@code out = gain (in - mean) / sqrt(variance + eps) + bias}, two passes (Ba et al., arXiv
     * 1607.06450); NaN where the variance overflows.
     */
    public static void layerNorm(
            KernelContext context,
            IntArray geometry,
            FloatArray in,
            FloatArray out,
            FloatArray gain,
            FloatArray bias,
            int rowsAt,
            int width,
            float eps) {
        int row = context.groupIdx * ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            int from = row * width;
            float sum = 0f;
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                sum += in.get(from + c);
            }
            float mean = context.simdSum(sum) / width;
            float squares = 0f;
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                float centred = in.get(from + c) - mean;
                squares += centred * centred;
            }
            float variance = context.simdSum(squares) / width;
            float factor = 1f / TornadoMath.sqrt(variance + eps) + (variance - variance);
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                float value = (in.get(from + c) - mean) * factor;
                out.set(from + c, value * gain.get(c) + bias.get(c));
            }
        }
    }

    /** {@code slot += scale * in}. */
    public static void residualAdd(
            KernelContext context,
            IntArray geometry,
            FloatArray in,
            FloatArray slot,
            FloatArray scale,
            int rowsAt,
            int width) {
        int row = context.groupIdx * ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                int at = row * width + c;
                slot.set(at, slot.get(at) + scale.get(c) * in.get(at));
            }
        }
    }

    /** One row of each sequence's rows; zeros if it has none. A group takes a sequence. */
    public static void pool(
            KernelContext context,
            IntArray geometry,
            FloatArray in,
            FloatArray out,
            int countAt,
            int offsetsAt,
            int width,
            int kind) {
        int sequence = context.groupIdx;
        if (sequence < geometry.get(countAt)) {
            int first = geometry.get(geometry.get(offsetsAt) + sequence);
            int length = geometry.get(geometry.get(offsetsAt) + sequence + 1) - first;
            int end = kind == FIRST ? Math.min(length, 1) : length;
            for (int c = context.localIdx; c < width; c += THREADS) {
                float value = length == 0 ? 0f : in.get(first * width + c);
                for (int r = 1; r < end; r++) {
                    float next = in.get((first + r) * width + c);
                    value = kind == MAX ? Math.max(value, next) : value + next;
                }
                if (kind == MEAN) {
                    value = value / Math.max(length, 1);
                }
                out.set(sequence * width + c, value);
            }
        }
    }

    /** A function of each whole row, of one of the kinds above. */
    public static void rowFunction(
            KernelContext context,
            IntArray geometry,
            FloatArray in,
            FloatArray out,
            int rowsAt,
            int width,
            int kind) {
        int row = context.groupIdx * ROWS + context.localIdx / WARP;
        if (row < geometry.get(rowsAt)) {
            int from = row * width;
            float max = 0f;
            float sum = 0f;
            if (kind == LOG_SOFTMAX || kind == SOFTMAX) {
                float largest = Float.NEGATIVE_INFINITY;
                for (int c = context.localIdx % WARP; c < width; c += WARP) {
                    largest = Math.max(largest, in.get(from + c));
                }
                largest = Math.max(largest, context.simdShuffleDown(largest, 16));
                largest = Math.max(largest, context.simdShuffleDown(largest, 8));
                largest = Math.max(largest, context.simdShuffleDown(largest, 4));
                largest = Math.max(largest, context.simdShuffleDown(largest, 2));
                largest = Math.max(largest, context.simdShuffleDown(largest, 1));
                max = context.simdBroadcastFirst(largest);
                for (int c = context.localIdx % WARP; c < width; c += WARP) {
                    sum += TornadoMath.exp(in.get(from + c) - max);
                }
                sum = context.simdSum(sum);
            } else if (kind == L2_NORMALIZE) {
                for (int c = context.localIdx % WARP; c < width; c += WARP) {
                    sum += in.get(from + c) * in.get(from + c);
                }
                sum = context.simdSum(sum);
            }
            for (int c = context.localIdx % WARP; c < width; c += WARP) {
                float x = in.get(from + c);
                float value = 0f;
                if (kind == LOG_SOFTMAX) {
                    value = x - max - TornadoMath.log(sum);
                } else if (kind == SOFTMAX) {
                    value = TornadoMath.exp(x - max) / sum;
                } else if (kind == SIGMOID) {
                    value = Pointwise.sigmoid(x);
                } else if (sum > 0f) {
                    value = x / TornadoMath.sqrt(sum) + (sum - sum);
                }
                out.set(from + c, value);
            }
        }
    }
}
