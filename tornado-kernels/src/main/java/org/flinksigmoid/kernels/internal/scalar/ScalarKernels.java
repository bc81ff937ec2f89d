package org.flinksigmoid.kernels.internal.scalar;

import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * Row-wise operations as plain loops, sums in float and in index order. Arrays are row-major; an
 * empty array stands for an absent bias, scale or residual.
 */
final class ScalarKernels {
    private ScalarKernels() {}

    /** {@code out[r, o] = residual[r, o] + scale[o] act(bias[o] + sum_i weight[o, i] in[r, i])}. */
    static void linear(
            float[] in,
            int rows,
            int inWidth,
            float[] weight,
            float[] bias,
            Activation activation,
            float[] scale,
            float[] residual,
            float[] out,
            int outWidth) {
        for (int r = 0; r < rows; r++) {
            for (int o = 0; o < outWidth; o++) {
                float sum = 0;
                for (int i = 0; i < inWidth; i++) {
                    sum += weight[o * inWidth + i] * in[r * inWidth + i];
                }
                float value = bias.length == 0 ? sum : sum + bias[o];
                value = (float) ScalarFunctions.activate(activation, value);
                value = scale.length == 0 ? value : scale[o] * value;
                int at = r * outWidth + o;
                out[at] = residual.length == 0 ? value : residual[at] + value;
            }
        }
    }

    /** See {@link Op.Conv1d}; {@code weight [out, in, kernel]}. */
    static void conv1d(
            Op.Conv1d op,
            RaggedBatch before,
            RaggedBatch after,
            float[] in,
            int inWidth,
            float[] weight,
            float[] bias,
            float[] out,
            int outWidth) {
        int kernel = op.kernel();
        for (int s = 0; s < after.size(); s++) {
            for (int t = 0; t < after.length(s); t++) {
                for (int o = 0; o < outWidth; o++) {
                    float sum = 0;
                    for (int tap = 0; tap < kernel; tap++) {
                        int row = t * op.stride() + tap - op.padding();
                        if (row < 0 || row >= before.length(s)) {
                            continue;
                        }
                        int from = (before.offset(s) + row) * inWidth;
                        for (int i = 0; i < inWidth; i++) {
                            sum += weight[(o * inWidth + i) * kernel + tap] * in[from + i];
                        }
                    }
                    float value = bias.length == 0 ? sum : sum + bias[o];
                    out[(after.offset(s) + t) * outWidth + o] =
                            (float) ScalarFunctions.activate(op.activation(), value);
                }
            }
        }
    }

    /**
     * Layer norm of {@code width} elements from {@code in[from]} to {@code out[to]}, two passes:
     * {@code gain (in - mean) / sqrt(variance + eps) + bias}; NaN where the variance overflows.
     */
    static void layerNorm(
            float[] in,
            int from,
            float[] out,
            int to,
            int width,
            float[] gain,
            float[] bias,
            float eps) {
        float sum = 0;
        for (int i = 0; i < width; i++) {
            sum += in[from + i];
        }
        float mean = sum / width;
        float squares = 0;
        for (int i = 0; i < width; i++) {
            float centred = in[from + i] - mean;
            squares += centred * centred;
        }
        float factor = (float) (1 / Math.sqrt(squares / width + eps)) + (squares - squares);
        for (int i = 0; i < width; i++) {
            float value = (in[from + i] - mean) * factor * gain[i];
            out[to + i] = bias.length == 0 ? value : value + bias[i];
        }
    }

    /**
     * Turns columns j and {@code j + headDim/2} from {@code row[from]} by {@code p theta^(-2j/d)}.
     */
    static void rotate(float[] row, int from, int headDim, int position, double theta) {
        int half = headDim / 2;
        for (int j = 0; j < half; j++) {
            double angle = position * Math.pow(theta, -2.0 * j / headDim);
            float cos = (float) Math.cos(angle);
            float sin = (float) Math.sin(angle);
            float a = row[from + j];
            float b = row[from + j + half];
            row[from + j] = a * cos - b * sin;
            row[from + j + half] = b * cos + a * sin;
        }
    }

    /** One row of the rows {@code [offset, offset + length)}; zeros if there are none. */
    static void pool(
            Op.Pooling kind,
            float[] in,
            int offset,
            int length,
            int width,
            float[] out,
            int sequence) {
        for (int c = 0; c < width; c++) {
            float value = length == 0 ? 0 : in[offset * width + c];
            for (int r = 1; r < length; r++) {
                float next = in[(offset + r) * width + c];
                value =
                        switch (kind) {
                            case MEAN -> value + next;
                            case MAX -> Math.max(value, next);
                            case FIRST -> value;
                        };
            }
            boolean divide = kind == Op.Pooling.MEAN && length > 0;
            out[sequence * width + c] = divide ? value / length : value;
        }
    }

    /** A function of the {@code width} elements from {@code in[from]}, to {@code out[from]}. */
    static void rowFunction(Op.RowKind kind, float[] in, float[] out, int from, int width) {
        switch (kind) {
            case LOG_SOFTMAX, SOFTMAX -> softmax(kind, in, out, from, width);
            case SIGMOID -> {
                for (int i = from; i < from + width; i++) {
                    out[i] = (float) ScalarFunctions.sigmoid(in[i]);
                }
            }
            case L2_NORMALIZE -> {
                float squares = 0;
                for (int i = from; i < from + width; i++) {
                    squares += in[i] * in[i];
                }
                float overflow = squares - squares; // 0, or NaN of infinity
                float factor = squares == 0 ? 0 : (float) (1 / Math.sqrt(squares)) + overflow;
                for (int i = from; i < from + width; i++) {
                    out[i] = in[i] * factor;
                }
            }
        }
    }

    private static void softmax(Op.RowKind kind, float[] in, float[] out, int from, int width) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = from; i < from + width; i++) {
            max = Math.max(max, in[i]);
        }
        float sum = 0;
        for (int i = from; i < from + width; i++) {
            sum += (float) Math.exp(in[i] - max);
        }
        float logSum = (float) Math.log(sum);
        for (int i = from; i < from + width; i++) {
            float centred = in[i] - max;
            out[i] =
                    kind == Op.RowKind.LOG_SOFTMAX
                            ? centred - logSum
                            : (float) Math.exp(centred) / sum;
        }
    }
}
