package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpgroupTile;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/**
 * A warpgroup's sums of weighed values: whose they are, and where that item's result goes. A tile's
 * values are added together with the next tile's scores, whichever item that belongs to.
 */
final class WarpgroupSums {
    private final WarpgroupShape shape;
    private final WarpgroupItems items;
    private final WarpgroupStages stages;
    private final HalfFloatArray out;
    private final int column;
    private final int stride;
    private final int group;
    private final int staging;
    private final HalfFloat[] weights;
    private final float[] sums;
    private int item; // whose sums and weights, negative for nobody's
    private int adding; // whether sums have begun
    private int index; // where the result goes
    private int rows; // and how many rows of it
    private int behind; // tiles that came by since the one that weights are of

    /**
     * Nobody's.
     *
     * @param column element where the output's first head starts
     * @param stride elements from a row of it to the next
     * @param group index of the warpgroup
     * @param staging address where 64 rows of results are put together
     */
    WarpgroupSums(
            WarpgroupShape shape,
            WarpgroupItems items,
            WarpgroupStages stages,
            HalfFloatArray out,
            int column,
            int stride,
            int group,
            int staging,
            HalfFloat[] weights) {
        this.shape = shape;
        this.items = items;
        this.stages = stages;
        this.out = out;
        this.column = column;
        this.stride = stride;
        this.group = group;
        this.staging = staging;
        this.weights = weights;
        this.sums = WarpgroupTile.accumulator(shape.width());
        this.item = -1;
        this.adding = 0;
        this.index = 0;
        this.rows = 0;
        this.behind = 0;
        WarpgroupTile.zero(sums, shape.width());
    }

    /** Queues the product of weights and the values of the stage that is held. */
    void queue() {
        WarpgroupTile.accumulate(
                sums,
                weights,
                stages.heldAddress(),
                adding,
                shape.tile(),
                shape.width(),
                shape.has(TileAttention.BFLOAT));
        adding = 1;
    }

    /**
     * Waits for what was queued and lets go of its stage. Where that was another item's last, its
     * result is written, and sums begin anew.
     *
     * @param i the item that is computed
     * @param last the stage
     */
    void settle(int i, int last) {
        boolean late = shape.late();
        if (!late) {
            WarpgroupTile.await(0);
        }
        int before = item;
        if (before != i) {
            if (late) {
                WarpgroupTile.await(0);
            }
            if (before >= 0) {
                store();
            }
            adding = 0;
            item = i;
            int lane = shape.lane(group, i);
            index = column + (items.queryRow(i) + lane) * stride + items.head(i) * shape.width();
            rows = items.queries(i) - lane;
            behind = 0;
        }
        if (late) {
            WarpgroupTile.await(0);
        }
        if (before >= 0) {
            stages.release(last);
        }
    }

    /** Leaves out tiles. No stage is held longer than the loading warpgroup can do without it. */
    void pass(int tiles) {
        for (int left = tiles; left > 0; left--) {
            if (item >= 0 && behind == shape.stages() - 2) {
                finish();
            }
            stages.pass();
            behind++;
        }
    }

    /** Adds the last weights' values and writes the result, if there is an item. */
    void finish() {
        if (item >= 0) {
            WarpgroupTile.begin();
            queue();
            WarpgroupTile.await(0);
            stages.release(stages.held());
            store();
            item = -1;
        }
    }

    private void store() {
        WarpgroupTile.store(
                sums,
                shape.has(TileAttention.BFLOAT) == 1 ? 1f : 1f / (1 << TileAttention.HALF_SHIFT),
                staging,
                out,
                index,
                stride,
                rows,
                shape.width(),
                shape.has(TileAttention.BFLOAT));
    }
}
