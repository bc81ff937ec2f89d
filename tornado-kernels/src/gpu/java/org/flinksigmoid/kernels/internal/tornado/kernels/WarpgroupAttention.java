package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpTile;
import org.flinksigmoid.kernels.internal.tornado.tiles.WarpgroupTile;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@link TileAttention} for Hopper's own matrix unit: the same function, options and work items.
 *
 * <p>A block stays and goes through work items, 128 queries of one head each. One warpgroup of it
 * only loads: keys and values come through four stages of shared memory, on to the next item while
 * the others finish the last. Two compute, 64 queries each, at their own pace: while the matrix
 * unit adds up one tile's values, sigmoids of the next are made.
 *
 * <p>{@code sigmoid(x) = 1 / (1 + c 2^s)}, {@code s = -log2(e) scale q . k}: bias and -log n are in
 * c, a number of each row. A sigmoid below 2^-31 is that, or 0 where a mask hides its key.
 */
public final class WarpgroupAttention {
    /** Threads of a block. */
    public static final int THREADS = 384;

    /** Those options that mean something here. */
    public static final int OPTIONS =
            TileAttention.BFLOAT | TileAttention.CAUSAL | TileAttention.ALIBI | TileAttention.LOG_N;

    /** Largest magnitude of a fixed bias that sigmoids keep their digits with. */
    public static final float LARGEST_BIAS = 16f;

    /** Columns of keys or values that the loads of one panel take; see {@link WarpgroupTile}. */
    public static int panel(int width) {
        return width % 64 == 0 ? 64 : 32;
    }

    /** Keys of a tile. */
    public static int tile(int width) {
        return width > 64 ? 64 : 128;
    }

    /** Bytes of dynamic shared memory that a block takes. */
    public static int sharedBytes(int width) {
        return 1024 + 512 * width + STAGES * stageBytes(width) + 128;
    }

    private static final int STAGES = 4;
    private static final int ROWS = 64;
    private static final int LOADER = 2;
    private static final float LOG2_E = 1.4426950408889634f;

    private WarpgroupAttention() {}

    private static int stageBytes(int width) {
        return 4 * tile(width) * width;
    }

    private static int firstKey(int firstQuery, int window, int tile) {
        return window == Integer.MAX_VALUE ? 0 : Math.max(0, firstQuery - window) / tile * tile;
    }

    private static int endKey(int endQuery, int keys, int causal, int window) {
        int end = keys;
        if (window != Integer.MAX_VALUE) {
            end = Math.min(keys, endQuery + Math.min(window, keys));
        }
        return causal == 1 ? Math.min(end, endQuery) : end;
    }

    /**
     * The kernel. Grid: as many blocks as the card holds at once, {@link #THREADS} each.
     *
     * @param q queries: element (row r, head h, c) at {@code columns[0] + r stride + h width + c}
     * @param maps how keys lie, then how values lie: the accelerator's description, 128 bytes each,
     *     of rows of panels
     * @param out output, with {@code columns[3]} and {@code outStride}
     * @param items number of work items of each head; then, from {@link TileAttention#ITEM} on, the
     *     items
     * @param columns first elements
     * @param slopes ALiBi's slope of each head
     */
    public static void attend(
            KernelContext context,
            HalfFloatArray q,
            IntArray maps,
            HalfFloatArray out,
            IntArray items,
            IntArray columns,
            FloatArray slopes,
            int heads,
            int width,
            int stride,
            int outStride,
            int options,
            int window,
            float scale,
            float bias) {
        WarpTile.launchBounds(THREADS, 1);
        int causal = (options & TileAttention.CAUSAL) == 0 ? 0 : 1;
        int tile = tile(width);
        int group = WarpgroupTile.group();
        int queries = WarpgroupTile.memory();
        int ring = queries + 512 * width;
        int barriers = ring + STAGES * stageBytes(width);
        WarpgroupTile.makeBarriers(barriers, 8);
        int blocks = items.get(0);
        int work = blocks * heads;
        int step = WarpgroupTile.blocks();
        if (group == LOADER) {
            WarpgroupTile.giveRegisters();
            if (context.localIdx == LOADER * 128) {
                HalfFloat[] queue = WarpgroupTile.queue();
                start(queue, items, context.groupIdx, step, blocks);
                int filled = 0;
                for (int w = context.groupIdx; w < work; w += step) {
                    advance(queue, items, w + 2 * step, blocks);
                    int query = WarpgroupTile.number(queue, 2);
                    int keyRow = WarpgroupTile.number(queue, 3);
                    int keys = WarpgroupTile.number(queue, 4);
                    int end = endKey(query + TileAttention.QUERIES, keys, causal, window);
                    int key = firstKey(query, window, tile);
                    if (key >= end) { // a tile without keys
                        key = 0;
                        end = 1;
                    }
                    int panels = w / blocks * (width / panel(width));
                    for (; key < end; key += tile) {
                        int stage = filled & STAGES - 1;
                        WarpgroupTile.fill(
                                ring + stage * stageBytes(width),
                                barriers + 8 * stage,
                                filled / STAGES,
                                maps,
                                keyRow + key,
                                panels,
                                tile,
                                width);
                        filled++;
                    }
                }
            }
        } else {
            WarpgroupTile.takeRegisters();
            int bfloat = options & TileAttention.BFLOAT;
            float queryFactor = -LOG2_E * scale;
            float outFactor = bfloat == 0 ? 1f / (1 << TileAttention.HALF_SHIFT) : 1f;
            float base = (float) Math.exp(-bias);
            int counted = (options & TileAttention.LOG_N) == 0 ? 0 : 1;
            int lane = group * ROWS;
            int own = queries + 2 * lane * width;
            HalfFloat[] query = WarpgroupTile.query(width);
            float[] scores = WarpgroupTile.accumulator(tile);
            HalfFloat[] weights = WarpgroupTile.probabilities(tile);
            float[] sums = WarpgroupTile.accumulator(width);
            float[] factors = WarpgroupTile.accumulator(4);
            WarpgroupTile.zero(sums, width);
            WarpgroupTile.zero(scores, tile);
            WarpgroupTile.round(weights, scores, tile, bfloat);
            int queryColumn = columns.get(0);
            int outColumn = columns.get(3);
            HalfFloat[] queue = WarpgroupTile.queue();
            start(queue, items, context.groupIdx, step, blocks);
            int w = context.groupIdx - step;
            int summed = -1; // the work that weights and sums are of
            int outIndex = 0; // where its result goes
            int outRows = 0; // and how many rows of it
            int last = -1; // the tile that weights are of
            int used = 0; // tiles that came by
            int mine = 0;
            int keys = 0;
            int key = 0; // the next tile's first
            int stop = 0; // first key that this warpgroup does not need
            int end = 0; // first key that the block does not need
            float slope = 0f;
            if (context.groupIdx < work) {
                WarpgroupTile.copyRows(
                        own,
                        q,
                        queryColumn
                                + (WarpgroupTile.number(queue, 5) + lane) * stride
                                + context.groupIdx / blocks * width,
                        stride,
                        WarpgroupTile.number(queue, 6) - lane,
                        width);
            }
            boolean going = true;
            while (going) {
                while (key >= stop && going) { // on to the next item
                    int passing = (Math.max(0, end - key) + tile - 1) / tile;
                    w += step;
                    going = w < work;
                    if (going) {
                        advance(queue, items, w + 2 * step, blocks);
                        WarpgroupTile.meet();
                        WarpgroupTile.load(query, own, width, queryFactor, bfloat);
                        WarpgroupTile.meet();
                        if (w + step < work) {
                            WarpgroupTile.copyRows(
                                    own,
                                    q,
                                    queryColumn
                                            + (WarpgroupTile.number(queue, 5) + lane) * stride
                                            + (w + step) / blocks * width,
                                    stride,
                                    WarpgroupTile.number(queue, 6) - lane,
                                    width);
                        }
                        int firstQuery = WarpgroupTile.number(queue, 2);
                        mine = firstQuery + lane;
                        keys = WarpgroupTile.number(queue, 4);
                        WarpgroupTile.rowFactors(
                                factors, mine, keys, causal, window, base, counted);
                        if ((options & TileAttention.ALIBI) != 0) {
                            slope = LOG2_E * slopes.get(w / blocks);
                        }
                        int first = firstKey(firstQuery, window, tile);
                        end = endKey(firstQuery + TileAttention.QUERIES, keys, causal, window);
                        if (first >= end) {
                            first = 0;
                            end = 1;
                        }
                        key = firstKey(mine, window, tile);
                        stop = endKey(mine + ROWS, keys, causal, window);
                        if (key >= stop) { // nothing to see: one tile adds up to zeros
                            key = first;
                            stop = first + 1;
                        }
                        if (WarpgroupTile.number(queue, 1) <= lane) { // no queries
                            key = first + (end - first + tile - 1) / tile * tile;
                            stop = key;
                        }
                        passing += (key - first) / tile;
                    }
                    for (; passing > 0; passing--) {
                        if (summed >= 0 && used - last == STAGES - 1) {
                            finish(
                                    sums, weights, outFactor, ring, barriers, last, own, out,
                                    outIndex, outRows, outStride, tile, width, bfloat);
                            summed = -1;
                        }
                        WarpgroupTile.awaitFull(barriers + 8 * (used & STAGES - 1), used / STAGES);
                        WarpgroupTile.release(barriers + 8 * (used & STAGES - 1));
                        used++;
                    }
                }
                if (going) {
                    int now = ring + (used & STAGES - 1) * stageBytes(width);
                    int before = ring + (last & STAGES - 1) * stageBytes(width);
                    WarpgroupTile.awaitFull(barriers + 8 * (used & STAGES - 1), used / STAGES);
                    if (key + tile > keys) {
                        WarpgroupTile.zeroRows(now, keys - key, tile, width);
                    }
                    WarpgroupTile.begin();
                    WarpgroupTile.multiply(scores, query, now, tile, width, bfloat);
                    WarpgroupTile.accumulate(sums, weights, before, tile, width, bfloat);
                    WarpgroupTile.await(1);
                    weigh(scores, factors, slope, mine, key, keys, options, window, tile, width);
                    WarpgroupTile.await(0);
                    if (summed >= 0) {
                        WarpgroupTile.release(barriers + 8 * (last & STAGES - 1));
                    }
                    if (summed != w) {
                        if (summed >= 0) {
                            WarpgroupTile.store(
                                    sums,
                                    outFactor,
                                    own + 256 * width,
                                    out,
                                    outIndex,
                                    outStride,
                                    outRows,
                                    width,
                                    bfloat);
                        }
                        WarpgroupTile.zero(sums, width);
                        summed = w;
                        outIndex =
                                outColumn
                                        + (WarpgroupTile.number(queue, 0) + lane) * outStride
                                        + w / blocks * width;
                        outRows = WarpgroupTile.number(queue, 1) - lane;
                    }
                    WarpgroupTile.round(weights, scores, tile, bfloat);
                    key += tile;
                    last = used;
                    used++;
                }
            }
            if (summed >= 0) {
                finish(
                        sums, weights, outFactor, ring, barriers, last, own, out, outIndex, outRows,
                        outStride, tile, width, bfloat);
            }
        }
    }

    /** Reads the first two items; the first is to be advanced to. */
    private static void start(HalfFloat[] queue, IntArray items, int first, int step, int blocks) {
        if (blocks > 0) {
            advance(queue, items, first, blocks);
            advance(queue, items, first + step, blocks);
        }
    }

    private static void advance(HalfFloat[] queue, IntArray items, int w, int blocks) {
        WarpgroupTile.advance(queue, items, (1 + w % blocks) * TileAttention.ITEM);
    }

    /** Adds up the last tile of an item and writes the item's result. */
    private static void finish(
            float[] sums,
            HalfFloat[] weights,
            float outFactor,
            int ring,
            int barriers,
            int last,
            int own,
            HalfFloatArray out,
            int outIndex,
            int outRows,
            int outStride,
            int tile,
            int width,
            int bfloat) {
        WarpgroupTile.begin();
        WarpgroupTile.accumulate(
                sums, weights, ring + (last & STAGES - 1) * stageBytes(width), tile, width, bfloat);
        WarpgroupTile.await(0);
        WarpgroupTile.release(barriers + 8 * (last & STAGES - 1));
        WarpgroupTile.store(
                sums,
                outFactor,
                own + 256 * width,
                out,
                outIndex,
                outStride,
                outRows,
                width,
                bfloat);
    }

    /** Scores become sigmoids, 0 where the mask hides the key or there is none. */
    private static void weigh(
            float[] scores,
            float[] factors,
            float slope,
            int mine,
            int key,
            int keys,
            int options,
            int window,
            int tile,
            int width) {
        int causal = (options & TileAttention.CAUSAL) == 0 ? 0 : 1;
        int shift = (options & TileAttention.BFLOAT) == 0 ? TileAttention.HALF_SHIFT : 0;
        if ((options & TileAttention.ALIBI) != 0) {
            WarpgroupTile.alibi(scores, mine, key, slope, tile);
        }
        WarpgroupTile.sigmoid(scores, factors, shift, tile, width > 64 ? 0 : 1);
        boolean masked = causal == 1 || window != Integer.MAX_VALUE;
        // Past this branch the assembler moves no sigmoid. Where it is not needed it makes narrow
        // heads 20 % faster, because the product beside them is not waited for first, and wide ones
        // 5 % slower.
        boolean whole =
                masked
                        ? (causal == 0 || key + tile - 1 <= mine)
                                && (window == Integer.MAX_VALUE
                                        || (mine + ROWS - 1 - key <= window
                                                && key + tile - 1 - mine <= window))
                        : width > 64 || key + tile <= keys;
        if (!whole) {
            WarpgroupTile.hide(scores, mine, key, causal, window, tile, keys);
        }
    }
}
