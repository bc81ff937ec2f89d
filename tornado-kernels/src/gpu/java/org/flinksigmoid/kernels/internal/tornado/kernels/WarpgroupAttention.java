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
 * only loads: keys and values come through stages of shared memory, on to the next item while the
 * others finish the last. Two compute, 64 queries each, at their own pace: while the matrix unit
 * adds up one tile's values, sigmoids of the next are made.
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

    static final int ROWS = 64;
    private static final int LOADER = 2;
    private static final float LOG2_E = 1.4426950408889634f;

    private WarpgroupAttention() {}

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
        int tile = WarpgroupShape.tile(width);
        int stages = WarpgroupShape.stages(width);
        int bytes = WarpgroupShape.stageBytes(width);
        int group = WarpgroupTile.group();
        int queries = WarpgroupTile.memory();
        int ring = queries + 512 * width;
        int barriers = ring + stages * bytes;
        WarpgroupTile.makeBarriers(barriers, 8);
        int blocks = items.get(0);
        int work = blocks * heads;
        int step = WarpgroupTile.blocks();
        if (group == LOADER) {
            WarpgroupTile.giveRegisters();
            if (context.localIdx == LOADER * 128) {
                WarpgroupTile.acquire(maps);
                HalfFloat[] queue = WarpgroupTile.queue();
                WarpgroupSteps.start(queue, items, context.groupIdx, step, blocks);
                int stage = 0;
                int turn = 0;
                for (int w = context.groupIdx; w < work; w += step) {
                    WarpgroupSteps.advance(queue, items, w + 2 * step, blocks);
                    int query = WarpgroupTile.number(queue, 2);
                    int keyRow = WarpgroupTile.number(queue, 3);
                    int keys = WarpgroupTile.number(queue, 4);
                    int end =
                            WarpgroupShape.endKey(
                                    query + TileAttention.QUERIES, keys, causal, window);
                    int key = WarpgroupShape.firstKey(query, window, tile);
                    if (key >= end) { // a tile without keys
                        key = 0;
                        end = 1;
                    }
                    int panels = w / blocks * (width / WarpgroupShape.panel(width));
                    for (; key < end; key += tile) {
                        WarpgroupTile.fill(
                                ring + stage * bytes,
                                barriers + 8 * stage,
                                turn,
                                maps,
                                keyRow + key,
                                panels,
                                tile,
                                width);
                        stage++;
                        if (stage == stages) {
                            stage = 0;
                            turn ^= 1;
                        }
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
            int staging = own + 256 * width; // where results are put together
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
            WarpgroupSteps.start(queue, items, context.groupIdx, step, blocks);
            int adding = 0; // whether sums have begun
            int summed = -1; // the work that weights and sums are of
            int outIndex = 0; // where its result goes
            int outRows = 0; // and how many rows of it
            int before = 0; // the stage that weights are of
            int behind = 0; // tiles that came by since
            int stage = 0; // the next tile's
            int turn = 0;
            int passing = 0; // tiles that this warpgroup need not look at
            float slope = 0f;
            boolean late = WarpgroupShape.late(width, causal, window);
            if (context.groupIdx < work) {
                WarpgroupSteps.copyNext(
                        queue,
                        own,
                        q,
                        queryColumn,
                        WarpgroupTile.number(queue, 5) + lane,
                        context.groupIdx,
                        blocks,
                        lane,
                        stride,
                        width);
            }
            for (int w = context.groupIdx; w < work; w += step) {
                WarpgroupSteps.advance(queue, items, w + 2 * step, blocks);
                WarpgroupTile.meet();
                WarpgroupTile.load(query, own, width, queryFactor, bfloat);
                WarpgroupTile.meet();
                if (w + step < work) {
                    WarpgroupSteps.copyNext(
                            queue,
                            own,
                            q,
                            queryColumn,
                            WarpgroupTile.number(queue, 5) + lane,
                            w + step,
                            blocks,
                            lane,
                            stride,
                            width);
                }
                int firstQuery = WarpgroupTile.number(queue, 2);
                int mine = firstQuery + lane;
                int keys = WarpgroupTile.number(queue, 4);
                WarpgroupTile.rowFactors(factors, mine, keys, causal, window, base, counted);
                if ((options & TileAttention.ALIBI) != 0) {
                    slope = LOG2_E * slopes.get(w / blocks);
                }
                int first = WarpgroupShape.firstKey(firstQuery, window, tile);
                int end =
                        WarpgroupShape.endKey(
                                firstQuery + TileAttention.QUERIES, keys, causal, window);
                if (first >= end) {
                    first = 0;
                    end = 1;
                }
                int key = WarpgroupShape.firstKey(mine, window, tile); // the next tile's first
                int stop = WarpgroupShape.endKey(mine + ROWS, keys, causal, window);
                if (key >= stop) { // nothing to see: one tile adds up to zeros
                    key = first;
                    stop = first + 1;
                }
                if (WarpgroupTile.number(queue, 1) <= lane) { // no queries
                    key = first + (end - first + tile - 1) / tile * tile;
                    stop = key;
                }
                passing += (key - first) / tile;
                for (; passing > 0; passing--) {
                    if (summed >= 0 && behind == stages - 2) {
                        WarpgroupSteps.finish(
                                sums,
                                weights,
                                outFactor,
                                ring + before * bytes,
                                barriers + 8 * before,
                                adding,
                                staging,
                                out,
                                outIndex,
                                outRows,
                                outStride,
                                tile,
                                width,
                                bfloat);
                        summed = -1;
                    }
                    WarpgroupTile.awaitFull(barriers + 8 * stage, turn);
                    WarpgroupTile.release(barriers + 8 * stage);
                    behind++;
                    stage++;
                    if (stage == stages) {
                        stage = 0;
                        turn ^= 1;
                    }
                }
                if (key < stop) {
                    WarpgroupSteps.prepare(
                            ring + stage * bytes,
                            barriers + 8 * stage,
                            turn,
                            keys - key,
                            tile,
                            width);
                }
                while (key < stop) {
                    int now = ring + stage * bytes;
                    int last = before;
                    WarpgroupTile.begin();
                    WarpgroupTile.multiply(scores, query, now, tile, width, bfloat);
                    WarpgroupTile.accumulate(
                            sums, weights, ring + last * bytes, adding, tile, width, bfloat);
                    adding = 1;
                    before = stage;
                    stage++;
                    if (stage == stages) {
                        stage = 0;
                        turn ^= 1;
                    }
                    int ready = WarpgroupTile.full(barriers + 8 * stage, turn);
                    WarpgroupTile.await(1);
                    WarpgroupSteps.weigh(
                            scores, factors, slope, mine, key, keys, options, window, tile, width);
                    if (!late) {
                        WarpgroupTile.await(0);
                    }
                    int pending = summed;
                    if (summed != w) {
                        if (late) {
                            WarpgroupTile.await(0);
                        }
                        if (summed >= 0) {
                            WarpgroupTile.store(
                                    sums, outFactor, staging, out, outIndex, outStride, outRows,
                                    width, bfloat);
                        }
                        adding = 0;
                        summed = w;
                        outIndex =
                                outColumn
                                        + (WarpgroupTile.number(queue, 0) + lane) * outStride
                                        + w / blocks * width;
                        outRows = WarpgroupTile.number(queue, 1) - lane;
                        behind = 0;
                    }
                    if (late) {
                        WarpgroupTile.await(0);
                    }
                    if (pending >= 0) {
                        WarpgroupTile.release(barriers + 8 * last);
                    }
                    WarpgroupTile.round(weights, scores, tile, bfloat);
                    key += tile;
                    // one branch: the next tile is not there yet, or ends past the last key
                    int slow = 1 - ready | keys - key - tile >>> 31;
                    if (slow != 0) {
                        if (key < stop) {
                            WarpgroupSteps.prepare(
                                    ring + stage * bytes,
                                    barriers + 8 * stage,
                                    turn,
                                    keys - key,
                                    tile,
                                    width);
                        }
                    }
                }
                passing = (Math.max(0, end - key) + tile - 1) / tile;
            }
            for (; passing > 0; passing--) {
                if (summed >= 0 && behind == stages - 2) {
                    WarpgroupSteps.finish(
                            sums,
                            weights,
                            outFactor,
                            ring + before * bytes,
                            barriers + 8 * before,
                            adding,
                            staging,
                            out,
                            outIndex,
                            outRows,
                            outStride,
                            tile,
                            width,
                            bfloat);
                    summed = -1;
                }
                WarpgroupTile.awaitFull(barriers + 8 * stage, turn);
                WarpgroupTile.release(barriers + 8 * stage);
                behind++;
                stage++;
                if (stage == stages) {
                    stage = 0;
                    turn ^= 1;
                }
            }
            if (summed >= 0) {
                WarpgroupSteps.finish(
                        sums,
                        weights,
                        outFactor,
                        ring + before * bytes,
                        barriers + 8 * before,
                        adding,
                        staging,
                        out,
                        outIndex,
                        outRows,
                        outStride,
                        tile,
                        width,
                        bfloat);
            }
        }
    }
}
