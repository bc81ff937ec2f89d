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
 * <p>A block stays and goes through work items, up to 128, 192 or 256 queries of one head each: the
 * first two are fixed, each further one is the first that no block has taken yet. One warpgroup of
 * it only loads: it takes items and announces them to the others, and keys and values come through
 * stages of shared memory, on to the next item while the others finish the last. Two to four
 * compute, 64 queries each, at their own pace: while the matrix unit adds up one tile's values,
 * sigmoids of the next are made.
 *
 * <p>Heads and strides are read, not compiled in: one kernel serves models of all sizes, at one
 * speed.
 *
 * <p>{@code sigmoid(x) = 1 / (1 + c 2^s)}, {@code s = -log2(e) scale q . k}: bias and -log n are in
 * c, a number of each row. A sigmoid below 2^-31 is that, or 0 where a mask hides its key.
 */
public final class WarpgroupAttention {
    /** Those options that mean something here. */
    public static final int OPTIONS =
            TileAttention.BFLOAT | TileAttention.CAUSAL | TileAttention.ALIBI | TileAttention.LOG_N;

    /** Largest magnitude of a fixed bias that sigmoids keep their digits with. */
    public static final float LARGEST_BIAS = 16f;

    /** Queries of a warpgroup. */
    public static final int ROWS = 64;

    // Places of an item's numbers: five of TileAttention's, and the head.
    static final int QUERY_ROW = 0;
    static final int QUERIES = 1;
    static final int FIRST_QUERY = 2;
    static final int KEY_ROW = 3;
    static final int KEYS = 4;
    static final int HEAD = 5;
    private static final float LOG2_E = 1.4426950408889634f;

    private WarpgroupAttention() {}

    /**
     * The kernel. Grid: as many blocks as the card holds at once, {@link WarpgroupShape#threads}
     * each.
     *
     * @param q queries: element (row r, head h, c) at {@code columns[0] + r stride + h width + c}
     * @param maps how keys lie, then how values lie: the accelerator's description, 128 bytes each,
     *     of rows of panels
     * @param out output, with {@code columns[3]} and {@code outStride}
     * @param items number of work items of each head; items taken and blocks done, 0 before and
     *     after the launch, which no other with these items may overlap; heads; then, from {@link
     *     TileAttention#ITEM} on, the items
     * @param columns first elements; stride and output stride
     * @param slopes ALiBi's slope of each head
     * @param tile keys of a tile, see {@link WarpgroupShape#tile}
     * @param groups warpgroups that compute, see {@link WarpgroupShape#groups}
     */
    public static void attend(
            KernelContext context,
            HalfFloatArray q,
            IntArray maps,
            HalfFloatArray out,
            IntArray items,
            IntArray columns,
            FloatArray slopes,
            int width,
            int tile,
            int groups,
            int options,
            int window,
            float scale,
            float bias) {
        WarpTile.launchBounds(WarpgroupShape.threads(groups), 1);
        int causal = (options & TileAttention.CAUSAL) == 0 ? 0 : 1;
        int stages = WarpgroupShape.stages(width, tile, groups);
        int bytes = 4 * tile * width;
        int group = WarpgroupTile.group();
        int queries = WarpgroupTile.memory();
        int ring = queries + WarpgroupShape.rowBytes(width, groups);
        int barriers = ring + stages * bytes;
        WarpgroupTile.makeBarriers(barriers, 4 * groups);
        if (group == groups) {
            WarpgroupTile.giveRegisters();
            if (context.localIdx == groups * 128) {
                WarpgroupTile.acquire(maps);
                int heads = items.get(3);
                int work = items.get(0) * heads;
                int step = WarpgroupTile.blocks();
                int first = context.groupIdx;
                WarpgroupSteps.announce(barriers, 0, items, first, work, heads);
                WarpgroupSteps.announce(barriers, 1, items, first + step, work, heads);
                int stage = 0;
                int turn = 0;
                WarpgroupTile.awaitItem(barriers, 0);
                for (int i = 0; WarpgroupTile.item(barriers, i, HEAD) >= 0; i++) {
                    int taken = WarpgroupTile.take(items);
                    int query = WarpgroupTile.item(barriers, i, FIRST_QUERY);
                    int keyRow = WarpgroupTile.item(barriers, i, KEY_ROW);
                    int keys = WarpgroupTile.item(barriers, i, KEYS);
                    int rows = WarpgroupTile.item(barriers, i, QUERIES);
                    int end = WarpgroupShape.endKey(query + rows, keys, causal, window);
                    int key = WarpgroupShape.firstKey(query, window, tile);
                    if (key >= end) { // a tile without keys
                        key = 0;
                        end = 1;
                    }
                    int panels =
                            WarpgroupTile.item(barriers, i, HEAD)
                                    * (width / WarpgroupShape.panel(width));
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
                    WarpgroupSteps.announce(barriers, i + 2, items, 2 * step + taken, work, heads);
                    WarpgroupTile.awaitItem(barriers, i + 1);
                }
                WarpgroupTile.leave(items);
            }
        } else {
            WarpgroupTile.takeRegisters(WarpgroupShape.registers(groups));
            int bfloat = options & TileAttention.BFLOAT;
            float queryFactor = -LOG2_E * scale;
            float outFactor = bfloat == 0 ? 1f / (1 << TileAttention.HALF_SHIFT) : 1f;
            float base = (float) Math.exp(-bias);
            int counted = (options & TileAttention.LOG_N) == 0 ? 0 : 1;
            int own = queries + 2 * group * ROWS * width;
            int lane = WarpgroupShape.lane(group, 0, tile, groups, options);
            int staging = own + 128 * groups * width; // where results are put together
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
            int stride = columns.get(4);
            int outStride = columns.get(5);
            int adding = 0; // whether sums have begun
            int summed = -1; // the item that weights and sums are of
            int outIndex = 0; // where its result goes
            int outRows = 0; // and how many rows of it
            int before = 0; // the stage that weights are of
            int behind = 0; // tiles that came by since
            int stage = 0; // the next tile's
            int turn = 0;
            int passing = 0; // tiles that this warpgroup need not look at
            float slope = 0f;
            boolean late = WarpgroupShape.late(width, tile);
            WarpgroupTile.awaitItem(barriers, 0);
            WarpgroupSteps.copyQueries(barriers, 0, own, q, queryColumn, lane, stride, width);
            for (int i = 0; WarpgroupTile.item(barriers, i, HEAD) >= 0; i++) {
                lane = WarpgroupShape.lane(group, i, tile, groups, options);
                WarpgroupTile.meet();
                WarpgroupTile.load(query, own, width, queryFactor, bfloat);
                WarpgroupTile.meet();
                int firstQuery = WarpgroupTile.item(barriers, i, FIRST_QUERY);
                int mine = firstQuery + lane;
                int keys = WarpgroupTile.item(barriers, i, KEYS);
                WarpgroupTile.rowFactors(factors, mine, keys, causal, window, base, counted);
                if ((options & TileAttention.ALIBI) != 0) {
                    slope = LOG2_E * slopes.get(WarpgroupTile.item(barriers, i, HEAD));
                }
                int first = WarpgroupShape.firstKey(firstQuery, window, tile);
                int rows = WarpgroupTile.item(barriers, i, QUERIES);
                int end = WarpgroupShape.endKey(firstQuery + rows, keys, causal, window);
                if (first >= end) {
                    first = 0;
                    end = 1;
                }
                int key = WarpgroupShape.firstKey(mine, window, tile); // the next tile's first
                int stop = Math.min(end, WarpgroupShape.endKey(mine + ROWS, keys, causal, window));
                if (key >= stop) { // nothing to see: one tile adds up to zeros
                    key = first;
                    stop = first + 1;
                }
                if (rows <= lane) { // no queries
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
                WarpgroupTile.awaitItem(barriers, i + 1);
                WarpgroupSteps.copyQueries(
                        barriers,
                        i + 1,
                        own,
                        q,
                        queryColumn,
                        WarpgroupShape.lane(group, i + 1, tile, groups, options),
                        stride,
                        width);
                int whole = Math.min(stop, keys - tile + 1); // tiles before it have all their keys
                while (key < stop) {
                    WarpgroupSteps.prepare(
                            ring + stage * bytes,
                            barriers + 8 * stage,
                            turn,
                            keys - key,
                            tile,
                            width);
                    int more = 1; // one branch a tile: the next is there, wanted and whole
                    while (more != 0) {
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
                                scores, factors, slope, mine, key, keys, options, window, tile);
                        if (!late) {
                            WarpgroupTile.await(0);
                        }
                        int pending = summed;
                        if (summed != i) {
                            if (late) {
                                WarpgroupTile.await(0);
                            }
                            if (summed >= 0) {
                                WarpgroupTile.store(
                                        sums, outFactor, staging, out, outIndex, outStride, outRows,
                                        width, bfloat);
                            }
                            adding = 0;
                            summed = i;
                            outIndex =
                                    outColumn
                                            + (WarpgroupTile.item(barriers, i, QUERY_ROW) + lane)
                                                    * outStride
                                            + WarpgroupTile.item(barriers, i, HEAD) * width;
                            outRows = WarpgroupTile.item(barriers, i, QUERIES) - lane;
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
                        more = ready & key - whole >>> 31;
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
