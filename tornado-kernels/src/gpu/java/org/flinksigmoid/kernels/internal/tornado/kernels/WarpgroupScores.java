package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpgroupTile;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/**
 * A warpgroup's queries, in registers, their scores against a tile of keys, and the sigmoids that
 * those become, which weigh the tile's values. An item's queries are copied to shared memory while
 * the item before it is computed.
 */
final class WarpgroupScores {
    private static final float LOG2_E = 1.4426950408889634f;

    private final WarpgroupShape shape;
    private final WarpgroupItems items;
    private final HalfFloatArray q;
    private final int column;
    private final int stride;
    private final FloatArray slopes;
    private final int group;
    private final int rows;
    private final float scale;
    private final float bias;
    private final HalfFloat[] query;
    private final float[] scores;
    private final HalfFloat[] weights;
    private final float[] factors;
    private float slope;
    private int mine;
    private int keys;

    /**
     * Of no item: weights are zeros.
     *
     * @param q queries
     * @param column element where the first one's first head starts
     * @param stride elements from a row to the next
     * @param slopes ALiBi's slope of each head
     * @param group index of the warpgroup
     * @param rows address of its 64 rows of queries
     * @param weights where the sigmoids go
     */
    WarpgroupScores(
            WarpgroupShape shape,
            WarpgroupItems items,
            HalfFloatArray q,
            int column,
            int stride,
            FloatArray slopes,
            int group,
            int rows,
            float scale,
            float bias,
            HalfFloat[] weights) {
        this.shape = shape;
        this.items = items;
        this.q = q;
        this.column = column;
        this.stride = stride;
        this.slopes = slopes;
        this.group = group;
        this.rows = rows;
        this.scale = scale;
        this.bias = bias;
        this.query = WarpgroupTile.query(shape.width());
        this.scores = WarpgroupTile.accumulator(shape.tile());
        this.weights = weights;
        this.factors = WarpgroupTile.accumulator(4);
        this.slope = 0f;
        this.mine = 0;
        this.keys = 0;
        WarpgroupTile.zero(scores, shape.tile());
        round();
    }

    /** Starts copying an announced item's queries, if there is such an item. */
    void copy(int i) {
        int head = items.head(i);
        if (head >= 0) {
            int lane = shape.lane(group, i);
            int row = items.queryRow(i) + lane;
            WarpgroupTile.copyRows(
                    rows,
                    q,
                    column + row * stride + head * shape.width(),
                    stride,
                    items.queries(i) - lane,
                    shape.width());
        }
    }

    /** On to an item, whose queries were copied. */
    void begin(int i) {
        WarpgroupTile.meet();
        WarpgroupTile.load(
                query, rows, shape.width(), -LOG2_E * scale, shape.has(TileAttention.BFLOAT));
        WarpgroupTile.meet();
        mine = items.firstQuery(i) + shape.lane(group, i);
        keys = items.keys(i);
        WarpgroupTile.rowFactors(
                factors,
                mine,
                keys,
                shape.has(TileAttention.CAUSAL),
                shape.window(),
                (float) Math.exp(-bias),
                shape.has(TileAttention.LOG_N));
        if (shape.has(TileAttention.ALIBI) == 1) {
            slope = LOG2_E * slopes.get(items.head(i));
        }
    }

    /** Queues the product with a stage's keys. */
    void queue(int stage) {
        WarpgroupTile.multiply(
                scores, query, stage, shape.tile(), shape.width(), shape.has(TileAttention.BFLOAT));
    }

    /**
     * Scores become sigmoids, 0 where the mask hides the key or there is none.
     *
     * @param key the tile's first key
     */
    void weigh(int key) {
        int tile = shape.tile();
        if (shape.has(TileAttention.ALIBI) == 1) {
            WarpgroupTile.alibi(scores, mine, key, slope, tile);
        }
        WarpgroupTile.sigmoid(scores, factors, shape.shift(), tile);
        if (!shape.whole(mine, key)) {
            WarpgroupTile.hide(
                    scores, mine, key, shape.has(TileAttention.CAUSAL), shape.window(), tile, keys);
        }
    }

    /** Sigmoids become the weights of the next product. */
    void round() {
        WarpgroupTile.round(weights, scores, shape.tile(), shape.has(TileAttention.BFLOAT));
    }
}
