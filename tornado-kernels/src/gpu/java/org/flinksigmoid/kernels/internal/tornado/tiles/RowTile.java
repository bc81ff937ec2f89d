package org.flinksigmoid.kernels.internal.tornado.tiles;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/**
 * A row of fp16 elements in a warp's registers, as fp32: like {@link WarpTile}'s, these bodies are
 * placeholders that {@link RowPlugins} replaces by CUDA text. Memory is touched in 16-byte pieces:
 * lane l holds elements {@code 256 i + 8 l} to {@code 256 i + 8 l + 7}. Rows start on 16 bytes;
 * {@code width} is a constant multiple of 8.
 */
public final class RowTile {
    /** Widest row, so that it stays in registers. */
    public static final int MAX_WIDTH = 2048;

    private RowTile() {}

    /** Whether rows of this width can be held. */
    public static boolean holds(int width) {
        return width % 8 == 0 && width <= MAX_WIDTH;
    }

    /** The row that starts at element {@code index}. */
    public static float[] load(HalfFloatArray from, int index, int width) {
        return new float[width / 32];
    }

    /** Sum of this lane's elements. */
    public static float sum(float[] row, int width) {
        return 0;
    }

    /** Sum of the squares of this lane's elements, less {@code mean}. */
    public static float squares(float[] row, float mean, int width) {
        return 0;
    }

    /** {@code row = (row - mean) * factor * gain + bias}. */
    public static void normalize(
            float[] row, float mean, float factor, FloatArray gain, FloatArray bias, int width) {}

    /** Writes the row to where element {@code index} is its first. */
    public static void store(float[] row, HalfFloatArray to, int index, int width) {}

    /** Copies 8 elements, or writes 8 zeros unless {@code present} is 1. */
    public static void copy(
            HalfFloatArray from, int fromIndex, HalfFloatArray to, int toIndex, int present) {}

    /** The same from floats, rounded. */
    public static void round(
            FloatArray from, int fromIndex, HalfFloatArray to, int toIndex, int present) {}
}
