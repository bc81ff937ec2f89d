package org.flinksigmoid.kernels.internal.tornado.tiles;

import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Register tiles of a warpgroup (four warps, 64 rows of the output) for Hopper's matrix unit, as
 * calls that a kernel makes: {@link WarpgroupPlugins} replaces them by CUDA text. They need wgmma,
 * the tensor memory accelerator and setmaxnreg (compute capability 9.0, compiled for sm_90a).
 *
 * <p>Shared memory is addressed by number. A tile there is {@code rows} rows of {@code width}
 * 16-bit elements, in panels of 64 columns (32 where the width is no multiple of 64) that lie one
 * after the other; 16-byte chunk c of a panel's row r lies at chunk {@code c ^ (r % 8)} ({@code c ^
 * (r / 2 % 4)}). That is what the accelerator writes and the matrix unit reads (PTX ISA, "Shared
 * Memory Matrix Layout", 128- and 64-byte swizzling). A stage is a tile of keys, then their values.
 *
 * <p>Products are queued and run while the warpgroup goes on; what they read and write must be left
 * alone until {@link #await(int)} says that they are done. Widths, tile sizes and flags must be
 * constants where the kernel is compiled.
 */
public final class WarpgroupTile {
    /**
     * Bytes of two barriers for each of 12 stages, a barrier for each of 16 items, and the items,
     * 32 each. Announcements are at most three more than the stages ahead of the oldest item that
     * is still read: 16 do for up to 12 stages.
     */
    public static final int BARRIER_BYTES = 192 + 16 * (8 + 32);

    private WarpgroupTile() {}

    /** Address of the block's dynamic shared memory, a multiple of 1024. */
    public static int memory() {
        return 0;
    }

    /** Index of this thread's warpgroup in its block. */
    public static int group() {
        return 0;
    }

    /** Blocks of the launch. */
    public static int blocks() {
        return 0;
    }

    /**
     * Makes two barriers for each of twelve stages, and waits for the block: stage s is full when
     * the barrier at {@code barriers + 8 s} completes a phase, and free again when that at {@code
     * barriers + 96 + 8 s} does, once {@code warps} warps have {@link #release released} it. Behind
     * them lie a ring of 16 work items with a barrier each, {@link #BARRIER_BYTES} in all.
     */
    public static void makeBarriers(int barriers, int warps) {}

    /** How many times this was called since the launch began, in all blocks. */
    public static int take(IntArray items) {
        return 0;
    }

    /** The block takes no more; the last one makes the counters zero for the next launch. */
    public static void leave(IntArray items) {}

    /**
     * Starts copying a work item to the ring, where it replaces the one 16 before.
     *
     * @param index the block's how many-th item it is
     * @param at where its five numbers start; the sixth is {@code head}, negative for no item
     */
    public static void announce(int barriers, int index, IntArray items, int at, int head) {}

    /** Waits until an item has been announced. */
    public static void awaitItem(int barriers, int index) {}

    /** A number of an announced item. */
    public static int item(int barriers, int index, int place) {
        return place;
    }

    /** Keeps few registers: for the warpgroup that only loads. */
    public static void giveRegisters() {}

    /** Takes registers that were given, so that a thread has {@code count}. */
    public static void takeRegisters(int count) {}

    /**
     * Makes sure that the accelerator sees the descriptions of keys and values that the host wrote,
     * and not what was at their place before.
     */
    public static void acquire(IntArray maps) {}

    /**
     * Waits until a stage is free and fills it: keys {@code row ..} of a head and their values. One
     * thread does it. Rows past the last come as zeros.
     *
     * @param barrier the stage's full barrier
     * @param phase which use of the stage this is, odd or even
     * @param maps the accelerator's descriptions of all keys and of all values
     * @param panel the head's first panel
     */
    public static void fill(
            int stage,
            int barrier,
            int phase,
            IntArray maps,
            int row,
            int panel,
            int tile,
            int width) {}

    /** 1 if a stage is full by now, which is not waited for; the same for a warp. */
    public static int full(int barrier, int phase) {
        return 0;
    }

    /** Waits until a stage is full. */
    public static void awaitFull(int barrier, int phase) {}

    /** This warp is done with a stage. */
    public static void release(int barrier) {}

    /** Makes rows {@code left ..} of a stage's keys and values zeros. */
    public static void zeroRows(int stage, int left, int tile, int width) {}

    /**
     * Starts copying 64 rows to a tile, each warp its own 16; rows from {@code rows} on become
     * zeros.
     */
    public static void copyRows(
            int to, HalfFloatArray from, int index, int stride, int rows, int width) {}

    /** Waits for this warp's threads and what they copy. */
    public static void meet() {}

    /** Operand A of 64 rows and {@code width} columns, 16 bit, undefined. */
    public static HalfFloat[] query(int width) {
        return new HalfFloat[width / 4];
    }

    /** Fills operand A from a tile, times {@code factor}: in bf16 rounded once more. */
    public static void load(HalfFloat[] query, int tile, int width, float factor, int bfloat) {}

    /** An accumulator of 64 rows and {@code width} columns, fp32, undefined. */
    public static float[] accumulator(int width) {
        return new float[width / 2];
    }

    /** Makes an accumulator zero. */
    public static void zero(float[] accumulator, int width) {}

    /** Probabilities of 64 queries and {@code tile} keys, 16 bit, undefined. */
    public static HalfFloat[] probabilities(int tile) {
        return new HalfFloat[tile / 4];
    }

    /**
     * Each row's number for {@link #sigmoid}: {@code factor}, times the keys it may attend to where
     * {@code counted}.
     *
     * @param rowFactors 2 numbers of a thread, an accumulator 4 wide
     */
    public static void rowFactors(
            float[] rowFactors,
            int first,
            int keys,
            int causal,
            int window,
            float factor,
            int counted) {}

    /** What registers hold now is what products queued from here on see. */
    public static void begin() {}

    /** Queues {@code scores = query * keys^T} for a stage's keys. */
    public static void multiply(
            float[] scores, HalfFloat[] query, int stage, int tile, int width, int bfloat) {}

    /**
     * Queues {@code accumulator += probabilities * values} for a stage's values; where {@code add}
     * is 0 {@code =} in place of {@code +=}.
     */
    public static void accumulate(
            float[] accumulator,
            HalfFloat[] probabilities,
            int stage,
            int add,
            int tile,
            int width,
            int bfloat) {}

    /** Waits until no more than the last {@code queued} products are unfinished. */
    public static void await(int queued) {}

    /** {@code scores += slope * |i - j|}, i the query's and j the key's position. */
    public static void alibi(float[] scores, int firstQuery, int firstKey, float slope, int tile) {}

    /**
     * {@code scores = 2^shift / (1 + c 2^scores)}, c of {@link #rowFactors}; one reciprocal for
     * four. A denominator above 2^31 counts as that.
     */
    public static void sigmoid(float[] scores, float[] rowFactors, int shift, int tile) {}

    /**
     * {@code scores = 0} where the mask forbids query i to see key j; without a mask, for keys past
     * the last.
     */
    public static void hide(
            float[] scores,
            int firstQuery,
            int firstKey,
            int causal,
            int window,
            int tile,
            int keys) {}

    /** Scores as operand A of the next product. */
    public static void round(HalfFloat[] probabilities, float[] scores, int tile, int bfloat) {}

    /**
     * {@code out = factor * accumulator} for the first {@code rows} of 64 rows, in 16-byte stores,
     * through a tile of shared memory.
     */
    public static void store(
            float[] accumulator,
            float factor,
            int tile,
            HalfFloatArray out,
            int index,
            int stride,
            int rows,
            int width,
            int bfloat) {}
}
