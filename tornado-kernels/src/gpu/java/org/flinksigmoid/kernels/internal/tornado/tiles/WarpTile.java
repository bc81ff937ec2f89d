package org.flinksigmoid.kernels.internal.tornado.tiles;

import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/**
 * Register tiles of one warp, as calls that a kernel makes: every body here is a placeholder that
 * {@link TilePlugins} replaces by CUDA text when TornadoVM compiles the kernel. They need mma.sync
 * with fp16 or bf16 operands, 16-byte cp.async, and stmatrix (compute capability 9.0).
 *
 * <p>A warp owns 32 rows of the output. Widths and flags must be constants where the kernel is
 * compiled. Byte offsets count from the start of {@code shared}. A shared tile is rows of {@code
 * width} 16-bit elements whose 16-byte chunk c of row r lies at chunk {@link #place c ^
 * swizzle(r)}, so that the eight rows an ldmatrix reads lie in different banks.
 *
 * <p>16-bit elements are fp16, or bf16 where {@code bfloat} is 1; a {@code HalfFloatArray} holds
 * the bits of either.
 */
public final class WarpTile {
    private WarpTile() {}

    /** Declares the kernel's launch bounds: threads a block, blocks a multiprocessor. */
    public static void launchBounds(int threads, int blocks) {}

    /** An accumulator of 32 rows and {@code width} columns, fp32, zero. */
    public static float[] accumulator(int width) {
        return new float[width];
    }

    /** Makes an accumulator zero again. */
    public static void zero(float[] accumulator, int width) {}

    /** Scores of 32 queries and 16 keys, fp32, undefined. */
    public static float[] scores() {
        return new float[16];
    }

    /** Probabilities of 32 queries and 16 keys, 16 bit, undefined. */
    public static HalfFloat[] probabilities() {
        return new HalfFloat[8];
    }

    /** What {@link #sigmoid} watches its range with: a product of denominators, zero at first. */
    public static float[] guard() {
        return new float[1];
    }

    /**
     * Byte offset at which thread {@code thread} of 128 puts the first chunk that {@link #copyRows}
     * copies for it.
     */
    public static int place(int thread, int width) {
        return thread;
    }

    /** Index of the 16-bit element that {@link #copyRows} starts at for this thread. */
    public static int source(int thread, int width, int stride) {
        return thread;
    }

    /** Row of the tile that {@link #copyRows} starts at for this thread. */
    public static int row(int thread, int width) {
        return thread;
    }

    /** Index of this thread's warp in its block. */
    public static int warp() {
        return 0;
    }

    /** Byte offset of this thread's row of keys in a slice of 16, for {@link #multiply}. */
    public static int keyLane(int width) {
        return width;
    }

    /** Byte offset of this thread's row of values in a slice of 16, for {@link #accumulate}. */
    public static int valueLane(int width) {
        return width;
    }

    /**
     * Starts asynchronous 16-byte copies of a {@code [rows, width]} tile whose rows lie {@code
     * stride} elements apart; 128 threads do it together, each from its {@link #place} and {@link
     * #source}.
     */
    public static void copyRows(
            int[] shared,
            int byteOffset,
            HalfFloatArray from,
            int index,
            int stride,
            int rows,
            int width) {}

    /** Same, but rows from {@code left} on (counted from this thread's first) become zeros. */
    public static void copyRowsOrZero(
            int[] shared,
            int byteOffset,
            HalfFloatArray from,
            int index,
            int stride,
            int rows,
            int width,
            int left) {}

    /** Operand A of 32 rows from a shared tile, times {@code factor} (1 leaves the bits alone). */
    public static HalfFloat[] load(
            int[] shared, int byteOffset, int width, float factor, int bfloat) {
        return new HalfFloat[width / 2];
    }

    /**
     * What each row's scores start at: {@code base + slope * log2(keys this row may attend to)}.
     *
     * @param first position in its sequence of the warp's first query
     * @param window as in {@code Mask}
     */
    public static float[] rowStarts(
            int first, int keys, int causal, int window, float base, float slope) {
        return new float[8];
    }

    /**
     * {@code scores = starts + query * tile^T} for 16 keys.
     *
     * @param lane byte offset of the tile, plus {@link #keyLane}
     * @param slice byte offset of the keys in their tile, a constant
     */
    public static void multiply(
            float[] scores,
            HalfFloat[] query,
            int[] shared,
            int lane,
            int slice,
            float[] starts,
            int width,
            int bfloat) {}

    /** {@code scores += slope * |i - j|}, i the query's and j the key's position. */
    public static void alibi(float[] scores, int firstQuery, int firstKey, float slope) {}

    /** {@code scores = off} where the mask forbids query i to see key j. */
    public static void mask(
            float[] scores, int firstQuery, int firstKey, int causal, int window, float off) {}

    /**
     * {@code probabilities = 2^shift / (1 + 2^(factor * scores))}, one reciprocal for two.
     *
     * <p>With {@code clamp} 0 it is right while the exponents of two neighbours add up to less than
     * about 100, and {@code guard} grows past {@link #anyOutOfRange}'s limit where that may not be
     * so. With {@code clamp} 1 exponents are cut at 63 first, which is right for every score.
     */
    public static void sigmoid(
            HalfFloat[] probabilities,
            float[] scores,
            float factor,
            int shift,
            int clamp,
            float[] guard,
            int bfloat) {}

    /** A barrier for the block; not 0 for all its threads if a guard of any is past its limit. */
    public static int anyOutOfRange(float[] guard) {
        return 0;
    }

    /**
     * First half of a barrier of four warps: what this warp has read and copied before is done
     * with.
     *
     * @param phase 0 and 4 by turns, so that a warp that is ahead is not counted twice
     */
    public static void arrive(int phase) {}

    /** Second half: waits until all four warps have arrived with the same phase. */
    public static void await(int phase) {}

    /**
     * {@code accumulator += probabilities * tile} for 16 values.
     *
     * @param lane byte offset of the tile, plus {@link #valueLane}
     * @param slice byte offset of the values in their tile, a constant
     */
    public static void accumulate(
            float[] accumulator,
            HalfFloat[] probabilities,
            int[] shared,
            int lane,
            int slice,
            int width,
            int bfloat) {}

    /**
     * {@code out = factor * accumulator} for the warp's first {@code rows} rows, in 16-byte stores,
     * through {@code 64 * width} bytes of shared memory that are this warp's own.
     */
    public static void store(
            float[] accumulator,
            float factor,
            int[] shared,
            int byteOffset,
            HalfFloatArray out,
            int index,
            int stride,
            int rows,
            int width,
            int bfloat) {}
}
