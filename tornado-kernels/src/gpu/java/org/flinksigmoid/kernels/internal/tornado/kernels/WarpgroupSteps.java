package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpgroupTile;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What {@link WarpgroupAttention} does at more than one place, and with one tile. */
final class WarpgroupSteps {
    private WarpgroupSteps() {}

    /** Announces the block's item {@code index}: number {@code w} of all, or that none is left. */
    static void announce(int barriers, int index, IntArray items, int w, int work, int heads) {
        WarpgroupTile.announce(
                barriers,
                index,
                items,
                (1 + w / heads) * TileAttention.ITEM,
                w < work ? w % heads : -1);
    }

    /** Starts copying an item's queries, if there is one. */
    static void copyQueries(
            int barriers,
            int index,
            int own,
            HalfFloatArray q,
            int column,
            int lane,
            int stride,
            int width) {
        int head = WarpgroupTile.item(barriers, index, WarpgroupAttention.HEAD);
        if (head >= 0) {
            int row = WarpgroupTile.item(barriers, index, WarpgroupAttention.QUERY_ROW) + lane;
            WarpgroupTile.copyRows(
                    own,
                    q,
                    column + row * stride + head * width,
                    stride,
                    WarpgroupTile.item(barriers, index, WarpgroupAttention.QUERIES) - lane,
                    width);
        }
    }

    /** Waits for a stage; what it holds of other sequences becomes zeros. */
    static void prepare(int stage, int barrier, int phase, int left, int tile, int width) {
        WarpgroupTile.awaitFull(barrier, phase);
        if (left < tile) {
            WarpgroupTile.zeroRows(stage, left, tile, width);
        }
    }

    /** Adds up the last tile of an item and writes the item's result. */
    static void finish(
            float[] sums,
            HalfFloat[] weights,
            float outFactor,
            int before,
            int barrier,
            int adding,
            int staging,
            HalfFloatArray out,
            int outIndex,
            int outRows,
            int outStride,
            int tile,
            int width,
            int bfloat) {
        WarpgroupTile.begin();
        WarpgroupTile.accumulate(sums, weights, before, adding, tile, width, bfloat);
        WarpgroupTile.await(0);
        WarpgroupTile.release(barrier);
        WarpgroupTile.store(
                sums, outFactor, staging, out, outIndex, outStride, outRows, width, bfloat);
    }

    /** Scores become sigmoids, 0 where the mask hides the key or there is none. */
    static void weigh(
            float[] scores,
            float[] factors,
            float slope,
            int mine,
            int key,
            int keys,
            int options,
            int window,
            int tile) {
        int causal = (options & TileAttention.CAUSAL) == 0 ? 0 : 1;
        int shift = (options & TileAttention.BFLOAT) == 0 ? TileAttention.HALF_SHIFT : 0;
        if ((options & TileAttention.ALIBI) != 0) {
            WarpgroupTile.alibi(scores, mine, key, slope, tile);
        }
        WarpgroupTile.sigmoid(scores, factors, shift, tile);
        boolean whole =
                (causal == 0 || key + tile - 1 <= mine)
                        && (window == Integer.MAX_VALUE
                                || (mine + WarpgroupAttention.ROWS - 1 - key <= window
                                        && key + tile - 1 - mine <= window));
        if (!whole) {
            WarpgroupTile.hide(scores, mine, key, causal, window, tile, keys);
        }
    }
}
