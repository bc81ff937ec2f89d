package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpTile;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Flash-sigmoid attention on Tensor Cores: {@code out_i = sum_j sigmoid(scale q_i . k_j + alibi +
 * b) v_j} (Ramapuram et al., arXiv 2409.04431), 16-bit in and out, fp32 sums. O(n^2 d) time, no n x
 * n matrix.
 *
 * <p>A block of 128 threads takes 128 queries of one head: a warp keeps 32 of them, and their
 * output, in registers. Keys and values come by in tiles of 64 (32 for d &gt; 64) through three
 * stages of shared memory. There is no row maximum and no row sum, so keys past a sequence's end
 * need no mask: their values are zeros.
 *
 * <p>Scores leave the product as exponents already: {@code sigmoid(x) = 1 / (1 + 2^s)}, {@code s =
 * -log2(e) x}; the scale is folded into Q, bias and -log n into what the product starts from. One
 * reciprocal serves two scores, which needs exponents cut at 63: a sigmoid below 2^-63 is that.
 *
 * <p>Loop variables that rotate ({@code a = b; b = c; c = a}) are avoided: TornadoVM 5.2.0 emits
 * their moves in the wrong order.
 */
public final class TileAttention {
    /** Option: elements are bf16, not fp16. */
    public static final int BFLOAT = 1;

    /** Option: query i sees keys up to i. */
    public static final int CAUSAL = 2;

    /** Option: scores run one slice ahead across tiles; pays from about 512 keys on. */
    public static final int AHEAD = 4;

    /** Option: ALiBi. */
    public static final int ALIBI = 8;

    /** Option: {@code -ln n} is part of the bias. */
    public static final int LOG_N = 16;

    /**
     * Option: a first pass cuts no exponent but watches that none needs it, and a block where one
     * does works again; 2 % faster from 1024 keys on, slower for few keys and wide heads.
     */
    public static final int GUARDED = 32;

    /**
     * Option, with {@link #AHEAD}: warps meet in two halves of a barrier, a quarter of a tile
     * apart; 2 to 4 % faster for wide heads and sliding windows, slower for others.
     */
    public static final int SPLIT = 64;

    /** Where the number of blocks a multiprocessor begins in the options. */
    public static final int BLOCKS_SHIFT = 8;

    /** Queries a block takes. */
    public static final int QUERIES = 128;

    /** Integers a block's work is described by; see {@code items} of {@link #attend}. */
    public static final int ITEM = 5;

    private static final int SHARED_BYTES = 49152;
    private static final float LOG2_E = 1.4426950408889634f;
    static final int HALF_SHIFT = 15;

    private TileAttention() {}

    /**
     * The kernel. Grid: (blocks, heads), 128 threads a block.
     *
     * @param q queries: element (row r, head h, c) at {@code columns[0] + r stride + h width + c}
     * @param k keys, the same with {@code columns[1]}
     * @param v values, the same with {@code columns[2]}
     * @param out the same with {@code columns[3]} and {@code outStride}
     * @param items {@link #ITEM} numbers that this kernel leaves alone, then of each block: row of
     *     its first query, the block's queries, position of the first in its sequence, row of the
     *     first key, keys
     * @param columns first elements; what follows them this kernel leaves alone
     * @param width elements of a head: 32, 64, 96 or 128
     * @param options as above
     * @param window how far a query sees; {@code Integer.MAX_VALUE} for no limit
     */
    public static void attend(
            KernelContext context,
            HalfFloatArray q,
            HalfFloatArray k,
            HalfFloatArray v,
            HalfFloatArray out,
            IntArray items,
            IntArray columns,
            FloatArray slopes,
            int width,
            int stride,
            int outStride,
            int options,
            int window,
            float scale,
            float bias) {
        WarpTile.launchBounds(128, options >> BLOCKS_SHIFT);
        int[] shared = context.allocateIntLocalArray(SHARED_BYTES / 4);
        int thread = context.localIdx;
        int item = (1 + context.groupIdx) * ITEM;
        int queryRow = items.get(item);
        int queriesLeft = items.get(item + 1);
        int firstQuery = items.get(item + 2);
        int keyRow = items.get(item + 3);
        int keys = items.get(item + 4);
        int head = context.groupIdy * width;
        int bfloat = options & BFLOAT;
        int causal = (options & CAUSAL) == 0 ? 0 : 1;
        int tile = width > 64 ? 32 : 64;

        // fp16 has the digits to take the scale into Q; bf16 has not, so there it multiplies scores
        float factor = bfloat == 0 ? 1f : -LOG2_E * scale;
        float queryFactor = bfloat == 0 ? -LOG2_E * scale : 1f;

        int place = WarpTile.place(thread, width);
        int source = WarpTile.source(thread, width, stride);
        int queryPlace = SHARED_BYTES - QUERIES * 2 * width;
        WarpTile.copyRowsOrZero(
                shared,
                queryPlace + place,
                q,
                columns.get(0) + queryRow * stride + head + source,
                stride,
                QUERIES,
                width,
                queriesLeft - WarpTile.row(thread, width));
        context.asyncCopyCommit();

        int firstKey = 0;
        int endKey = keys;
        if (window != Integer.MAX_VALUE) {
            firstKey = Math.max(0, firstQuery - window) / tile * tile;
            endKey = Math.min(keys, firstQuery + QUERIES + window);
        }
        if (causal == 1) {
            endKey = Math.min(keys, firstQuery + QUERIES);
        }
        int keySource = columns.get(1) + keyRow * stride + head + source;
        int valueSource = columns.get(2) + keyRow * stride + head + source;
        int second = 4 * tile * width;
        KeyTiles.copy(
                context,
                shared,
                place,
                k,
                v,
                keySource,
                valueSource,
                firstKey,
                endKey,
                stride,
                width);
        context.asyncCopyCommit();
        if (width < 128) {
            KeyTiles.copy(
                    context,
                    shared,
                    second + place,
                    k,
                    v,
                    keySource,
                    valueSource,
                    firstKey + tile,
                    endKey,
                    stride,
                    width);
            context.asyncCopyCommit();
            context.asyncCopyWaitGroup(2);
        } else {
            context.asyncCopyWaitGroup(1);
        }
        context.localBarrier();
        int warp = WarpTile.warp();
        HalfFloat[] query =
                WarpTile.load(shared, queryPlace + warp * 64 * width, width, queryFactor, bfloat);
        if (width == 128) { // Q lay where the second tile goes
            context.localBarrier();
            KeyTiles.copy(
                    context,
                    shared,
                    second + place,
                    k,
                    v,
                    keySource,
                    valueSource,
                    firstKey + tile,
                    endKey,
                    stride,
                    width);
            context.asyncCopyCommit();
        }
        int mine = firstQuery + warp * 32;
        float[] starts =
                WarpTile.rowStarts(
                        mine,
                        keys,
                        causal,
                        window,
                        -LOG2_E * bias / factor,
                        (options & LOG_N) == 0 ? 0f : 1f / factor);
        float slope = (options & ALIBI) == 0 ? 0f : LOG2_E * slopes.get(context.groupIdy) / factor;
        float[] sums = WarpTile.accumulator(width);
        float[] guard = WarpTile.guard();
        boolean guarded = (options & GUARDED) != 0;
        int unused =
                KeyTiles.sum(
                        context,
                        shared,
                        k,
                        v,
                        keySource,
                        valueSource,
                        place,
                        firstKey,
                        endKey,
                        mine,
                        query,
                        starts,
                        slope,
                        sums,
                        guard,
                        width,
                        stride,
                        options,
                        window,
                        factor,
                        guarded ? 0 : 1);
        context.asyncCopyWaitGroup(0);
        if (guarded) {
            if (WarpTile.anyOutOfRange(guard) != 0) {
                WarpTile.zero(sums, width);
                KeyTiles.copy(
                        context,
                        shared,
                        place,
                        k,
                        v,
                        keySource,
                        valueSource,
                        firstKey,
                        endKey,
                        stride,
                        width);
                context.asyncCopyCommit();
                KeyTiles.copy(
                        context,
                        shared,
                        second + place,
                        k,
                        v,
                        keySource,
                        valueSource,
                        firstKey + tile,
                        endKey,
                        stride,
                        width);
                context.asyncCopyCommit();
                KeyTiles.sum(
                        context,
                        shared,
                        k,
                        v,
                        keySource,
                        valueSource,
                        place,
                        firstKey,
                        endKey,
                        mine,
                        query,
                        starts,
                        slope,
                        sums,
                        guard,
                        width,
                        stride,
                        options,
                        window,
                        factor,
                        1);
                context.asyncCopyWaitGroup(0);
                context.localBarrier();
            }
        }
        // read again rather than kept in registers through the loop
        int end = (1 + context.groupIdx) * ITEM;
        int lane = WarpTile.warp() * 32;
        int ring = 6 * KeyTiles.stageHalf(width);
        int staging = (guarded ? 0 : unused) + 2 * lane * width;
        WarpTile.store(
                sums,
                bfloat == 0 ? 1f / (1 << HALF_SHIFT) : 1f,
                shared,
                staging < ring ? staging : staging - ring,
                out,
                columns.get(3) + (items.get(end) + lane) * outStride + context.groupIdy * width,
                outStride,
                items.get(end + 1) - lane,
                width,
                bfloat);
    }
}
