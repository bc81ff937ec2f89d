package org.flinksigmoid.kernels.internal.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code out = residual + scale * act(in weight + bias)} in float. A group of 256 threads computes
 * 64 rows by 64 columns, 4 by 4 a thread, over slices of 16 of the inner width in shared memory.
 */
public final class LinearKernel {
    /** Threads of a group. */
    public static final int THREADS = 256;

    /** Rows and columns of a group. */
    public static final int TILE = 64;

    /** Option: a bias is added. */
    public static final int BIAS = 16;

    /** Option: the result is scaled by column. */
    public static final int SCALE = 32;

    /** Option: it is added to {@code residual}. */
    public static final int RESIDUAL = 64;

    /** Option: it is added to what {@code out} holds. */
    public static final int ACCUMULATE = 128;

    private static final int ACTIVATION = 15;
    private static final int SLICE = 16;

    private LinearKernel() {}

    /**
     * The kernel. Grid: (column tiles, row tiles).
     *
     * @param in {@code [rows, inWidth]}
     * @param weight {@code [inWidth, outWidth]}: transposed, so that threads read along a row
     * @param options an activation's code, and the options above
     */
    public static void linear(
            KernelContext context,
            IntArray geometry,
            FloatArray in,
            FloatArray weight,
            FloatArray bias,
            FloatArray scale,
            FloatArray residual,
            FloatArray out,
            int rowsAt,
            int inWidth,
            int outWidth,
            int options) {
        float[] left = context.allocateFloatLocalArray(TILE * SLICE);
        float[] right = context.allocateFloatLocalArray(TILE * SLICE);
        int thread = context.localIdx;
        int rows = geometry.get(rowsAt);
        int firstRow = context.groupIdy * TILE;
        int firstColumn = context.groupIdx * TILE;
        if (firstRow < rows) {
            int row = thread / 16 * 4;
            int column = thread % 16 * 4;
            float[] sums = new float[16];
            for (int i = 0; i < 16; i++) {
                sums[i] = 0f;
            }
            for (int k = 0; k < inWidth; k += SLICE) {
                for (int i = 0; i < 4; i++) {
                    int element = thread + i * THREADS;
                    int r = firstRow + element / SLICE;
                    int c = k + element % SLICE;
                    float value = 0f;
                    if (r < rows && c < inWidth) {
                        value = in.get(r * inWidth + c);
                    }
                    left[element % SLICE * TILE + element / SLICE] = value;
                    int wr = k + element / TILE;
                    int wc = firstColumn + element % TILE;
                    float factor = 0f;
                    if (wr < inWidth && wc < outWidth) {
                        factor = weight.get(wr * outWidth + wc);
                    }
                    right[element] = factor;
                }
                context.localBarrier();
                for (int s = 0; s < SLICE; s++) {
                    for (int i = 0; i < 4; i++) {
                        float a = left[s * TILE + row + i];
                        for (int j = 0; j < 4; j++) {
                            sums[i * 4 + j] += a * right[s * TILE + column + j];
                        }
                    }
                }
                context.localBarrier();
            }
            for (int i = 0; i < 4; i++) {
                for (int j = 0; j < 4; j++) {
                    int r = firstRow + row + i;
                    int c = firstColumn + column + j;
                    if (r < rows && c < outWidth) {
                        float value = sums[i * 4 + j];
                        if ((options & BIAS) != 0) {
                            value += bias.get(c);
                        }
                        value = Pointwise.activate(options & ACTIVATION, value);
                        if ((options & SCALE) != 0) {
                            value *= scale.get(c);
                        }
                        int at = r * outWidth + c;
                        if ((options & RESIDUAL) != 0) {
                            value += residual.get(at);
                        }
                        if ((options & ACCUMULATE) != 0) {
                            value += out.get(at);
                        }
                        out.set(at, value);
                    }
                }
            }
        }
    }
}
