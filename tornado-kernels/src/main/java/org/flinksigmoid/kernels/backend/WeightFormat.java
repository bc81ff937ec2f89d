package org.flinksigmoid.kernels.backend;

import java.util.Locale;
import org.flinksigmoid.kernels.tensor.Bfloat16;
import org.flinksigmoid.kernels.tensor.Int8Rows;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * What a backend keeps matrices in: weights of layers and convolutions, embedding tables. Biases,
 * gains and positions stay floats, and arithmetic is in floats whatever the format: a format says
 * how weights are rounded when a program is prepared, and nothing else.
 */
public enum WeightFormat {
    /** As they are: 4 bytes. */
    FLOAT(4),
    /** {@link Bfloat16}: 2 bytes, relative error up to 2^-8; exact for checkpoints in BF16. */
    BF16(2),
    /** {@link Int8Rows}, a scale for each output channel or token: 1 byte. */
    INT8(1);

    private final int bytes;

    WeightFormat(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of an element, without {@code INT8}'s scales. */
    public int bytes() {
        return bytes;
    }

    /** The name that options take: {@code float}, {@code bf16}, {@code int8}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The values that are left of a matrix in this format, in a new array: what the scalar backend
     * computes with, and what every other backend's results are measured against.
     *
     * @param matrix the first dimension are output channels, or tokens
     */
    public float[] rounded(Tensor matrix) {
        float[] values = matrix.toFloats();
        return switch (this) {
            case FLOAT -> values;
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Bfloat16.toFloat(Bfloat16.of(values[i]));
                }
                yield values;
            }
            case INT8 -> Int8Rows.of(values, (int) matrix.shape().dimension(0)).toFloats();
        };
    }
}
