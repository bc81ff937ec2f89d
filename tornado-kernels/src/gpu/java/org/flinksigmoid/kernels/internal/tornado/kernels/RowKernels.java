package org.flinksigmoid.kernels.internal.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Operations on rows of floats, one work-group of {@link Reduce#THREADS} threads a row: O(width)
 * each. Slots are row-major and dense. {@code geometry} says how many rows there are ({@code
 * rowsAt}), each sequence's first row ({@code offsetsAt}) and each row's sequence ({@code
 * sequencesAt}); groups past the rows do nothing, so that a grid serves every smaller batch.
 */
public final class RowKernels {
    /** {@link #rowFunction}: {@code x - log sum exp x}. */
    public static final int LOG_SOFTMAX = 0;

    /** {@link #rowFunction}: {@code exp x / sum exp x}. */
    public static final int SOFTMAX = 1;

    /** {@link #rowFunction}: {@code 1 / (1 + exp(-x))}. */
    public static final int SIGMOID = 2;

    /** {@link #rowFunction}: {@code x / |x|}. */
    public static final int L2_NORMALIZE = 3;

    /** {@link #pool}: the mean of the rows. */
    public static final int MEAN = 0;

    /** {@link #pool}: the first row. */
    public static final int FIRST = 1;

    /** {@link #pool}: the largest of each column. */
    public static final int MAX = 2;

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
        int row = context.groupIdx;
        if (row < geometry.get(rowsAt)) {
            int from = geometry.get(idsAt + row) * width;
            for (int c = context.localIdx; c < width; c += Reduce.THREADS) {
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
        int row = context.groupIdx;
        if (row < geometry.get(rowsAt)) {
            int position = row - geometry.get(offsetsAt + geometry.get(sequencesAt + row));
            for (int c = context.localIdx; c < width; c += Reduce.THREADS) {
                int at = row * width + c;
                slot.set(at, slot.get(at) + table.get(position * width + c));
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
        int row = context.groupIdx;
        if (row < geometry.get(rowsAt)) {
            int sequence = geometry.get(sequencesAt + row);
            int first = geometry.get(beforeAt + sequence);
            int length = geometry.get(beforeAt + sequence + 1) - first;
            int from = (row - geometry.get(afterAt + sequence)) * stride - padding;
            for (int c = context.localIdx; c < taps * width; c += Reduce.THREADS) {
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
     * 1607.06450).
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
        float[] shared = context.allocateFloatLocalArray(Reduce.THREADS);
        int row = context.groupIdx;
        if (row < geometry.get(rowsAt)) {
            int from = row * width;
            float sum = 0f;
            for (int c = context.localIdx; c < width; c += Reduce.THREADS) {
                sum += in.get(from + c);
            }
            float mean = Reduce.sum(context, shared, sum) / width;
            float squares = 0f;
            for (int c = context.localIdx; c < width; c += Reduce.THREADS) {
                float centred = in.get(from + c) - mean;
                squares += centred * centred;
            }
            float variance = Reduce.sum(context, shared, squares) / width;
            float factor = 1f / TornadoMath.sqrt(variance + eps);
            for (int c = context.localIdx; c < width; c += Reduce.THREADS) {
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
        int row = context.groupIdx;
        if (row < geometry.get(rowsAt)) {
            for (int c = context.localIdx; c < width; c += Reduce.THREADS) {
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
            int first = geometry.get(offsetsAt + sequence);
            int length = geometry.get(offsetsAt + sequence + 1) - first;
            int end = kind == FIRST ? Math.min(length, 1) : length;
            for (int c = context.localIdx; c < width; c += Reduce.THREADS) {
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
        float[] shared = context.allocateFloatLocalArray(Reduce.THREADS);
        int row = context.groupIdx;
        if (row < geometry.get(rowsAt)) {
            int from = row * width;
            float max = 0f;
            float sum = 0f;
            if (kind == LOG_SOFTMAX || kind == SOFTMAX) {
                float largest = Float.NEGATIVE_INFINITY;
                for (int c = context.localIdx; c < width; c += Reduce.THREADS) {
                    largest = Math.max(largest, in.get(from + c));
                }
                max = Reduce.max(context, shared, largest);
                for (int c = context.localIdx; c < width; c += Reduce.THREADS) {
                    sum += TornadoMath.exp(in.get(from + c) - max);
                }
                sum = Reduce.sum(context, shared, sum);
            } else if (kind == L2_NORMALIZE) {
                for (int c = context.localIdx; c < width; c += Reduce.THREADS) {
                    sum += in.get(from + c) * in.get(from + c);
                }
                sum = Reduce.sum(context, shared, sum);
            }
            for (int c = context.localIdx; c < width; c += Reduce.THREADS) {
                float x = in.get(from + c);
                float value = 0f;
                if (kind == LOG_SOFTMAX) {
                    value = x - max - TornadoMath.log(sum);
                } else if (kind == SOFTMAX) {
                    value = TornadoMath.exp(x - max) / sum;
                } else if (kind == SIGMOID) {
                    value = Pointwise.sigmoid(x);
                } else if (sum > 0f) {
                    value = x / TornadoMath.sqrt(sum);
                }
                out.set(from + c, value);
            }
        }
    }
}
