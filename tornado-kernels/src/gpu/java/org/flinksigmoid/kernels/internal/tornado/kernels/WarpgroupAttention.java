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
 * <p>{@link WarpgroupLoader} loads, {@link WarpgroupScores} and {@link WarpgroupSums} are the two
 * products. These are objects in Java only: of what is made and used within a kernel TornadoVM
 * leaves registers.
 *
 * <p>Heads and strides are read, not compiled in: one kernel serves models of all sizes, at one
 * speed.
 *
 * <p>{@code sigmoid(x) = 1 / (1 + c 2^s)}, {@code s = -log2(e) scale q . k}: bias and -log n are in
 * c, a number of each row. A sigmoid below 2^-31 is that, or 0 where a mask hides its key.
 */
public final class WarpgroupAttention {
    /** Largest magnitude of a fixed bias that sigmoids keep their digits with. */
    public static final float LARGEST_BIAS = 16f;

    /** Queries of a warpgroup. */
    public static final int ROWS = 64;

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
     * @param width with what follows it, but for the last two, a {@link WarpgroupShape}
     * @param bias a fixed one; 0 where {@link TileAttention#LOG_N} says that it is -log n
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
        var shape = new WarpgroupShape(width, tile, groups, options, window);
        WarpTile.launchBounds(shape.threads(), 1);
        int group = WarpgroupTile.group();
        int memory = WarpgroupTile.memory();
        int ring = memory + shape.rowBytes();
        int barriers = ring + shape.stages() * shape.stageBytes();
        WarpgroupTile.makeBarriers(barriers, 4 * groups);
        var stages = new WarpgroupStages(shape, ring, barriers);
        var announced = new WarpgroupItems(barriers);
        if (group == groups) {
            WarpgroupTile.giveRegisters();
            if (context.localIdx == groups * 128) {
                WarpgroupLoader.run(shape, stages, announced, maps, items, context.groupIdx);
            }
        } else {
            WarpgroupTile.takeRegisters(shape.registers());
            int rows = memory + 2 * group * ROWS * width;
            HalfFloat[] weights = WarpgroupTile.probabilities(tile);
            var scores =
                    new WarpgroupScores(
                            shape,
                            announced,
                            q,
                            columns.get(0),
                            columns.get(4),
                            slopes,
                            group,
                            rows,
                            scale,
                            bias,
                            weights);
            var sums =
                    new WarpgroupSums(
                            shape,
                            announced,
                            stages,
                            out,
                            columns.get(3),
                            columns.get(5),
                            group,
                            rows + 128 * groups * width,
                            weights);
            int passing = 0; // tiles that this group need not look at
            announced.await(0);
            scores.copy(0);
            for (int i = 0; announced.head(i) >= 0; i++) {
                scores.begin(i);
                int firstQuery = announced.firstQuery(i);
                int keys = announced.keys(i);
                int queries = announced.queries(i);
                var seen = WarpgroupKeys.of(shape, firstQuery, queries, keys);
                var own = seen.of(shape, firstQuery, shape.lane(group, i), queries, keys);
                int key = own.first();
                sums.pass(passing + (key - seen.first()) / tile);
                announced.await(i + 1);
                scores.copy(i + 1);
                int whole = Math.min(own.end(), keys - tile + 1);
                while (key < own.end()) {
                    stages.await(keys - key);
                    int more = 1; // one branch a tile: the next is there, wanted and whole
                    while (more != 0) {
                        WarpgroupTile.begin();
                        scores.queue(stages.address());
                        sums.queue();
                        int last = stages.held();
                        stages.hold();
                        int ready = stages.full();
                        WarpgroupTile.await(1);
                        scores.weigh(key);
                        sums.settle(i, last);
                        scores.round();
                        key += tile;
                        more = ready & key - whole >>> 31;
                    }
                }
                passing = (Math.max(0, seen.end() - key) + tile - 1) / tile;
            }
            sums.pass(passing);
            sums.finish();
        }
    }
}
