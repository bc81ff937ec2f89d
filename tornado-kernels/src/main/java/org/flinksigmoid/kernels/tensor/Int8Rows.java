package org.flinksigmoid.kernels.tensor;

/**
 * A matrix in 8 bits, each row with a scale of its own: {@code row[r][i] = scales[r] values[r][i]},
 * values from -127 to 127, the row's largest at the end. An element is off by half a scale at most:
 * 1/254 of the row's largest.
 *
 * @param values row-major
 * @param scales one a row; 0 where a row is zero
 */
public record Int8Rows(byte[] values, float[] scales) {
    private static final int LARGEST = 127;

    /**
     * Rounds to the nearest, halves up.
     *
     * @param matrix row-major, {@code rows} rows of equal length
     */
    public static Int8Rows of(float[] matrix, int rows) {
        int width = matrix.length / rows;
        byte[] values = new byte[matrix.length];
        float[] scales = new float[rows];
        for (int r = 0; r < rows; r++) {
            float largest = 0;
            for (int i = r * width; i < (r + 1) * width; i++) {
                largest = Math.max(largest, Math.abs(matrix[i]));
            }
            scales[r] = largest / LARGEST;
            for (int i = r * width; i < (r + 1) * width && scales[r] > 0; i++) {
                int nearest = Math.round(matrix[i] / scales[r]);
                values[i] = (byte) Math.clamp(nearest, -LARGEST, LARGEST);
            }
        }
        return new Int8Rows(values, scales);
    }

    /** The values as floats, row-major. */
    public float[] toWholeNumbers() {
        float[] whole = new float[values.length];
        for (int i = 0; i < whole.length; i++) {
            whole[i] = values[i];
        }
        return whole;
    }

    /** The matrix that is left, row-major. */
    public float[] toFloats() {
        float[] matrix = new float[values.length];
        int width = values.length / Math.max(1, scales.length);
        for (int i = 0; i < matrix.length; i++) {
            matrix[i] = scales[i / width] * values[i];
        }
        return matrix;
    }
}
