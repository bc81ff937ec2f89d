package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpgroupTile;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The ring in which the loading warpgroup announces a block's work items to the others.
 *
 * @param barriers see {@link WarpgroupTile#makeBarriers}
 */
record WarpgroupItems(int barriers) {
    // Places of an item's numbers: five of TileAttention's, and the head.
    private static final int QUERY_ROW = 0;
    private static final int QUERIES = 1;
    private static final int FIRST_QUERY = 2;
    private static final int KEY_ROW = 3;
    private static final int KEYS = 4;
    private static final int HEAD = 5;

    /** Announces the block's item {@code index}: number {@code w} of all, or that none is left. */
    void announce(int index, IntArray items, int w, int work, int heads) {
        WarpgroupTile.announce(
                barriers,
                index,
                items,
                (1 + w / heads) * TileAttention.ITEM,
                w < work ? w % heads : -1);
    }

    /** Waits until an item has been announced. */
    void await(int index) {
        WarpgroupTile.awaitItem(barriers, index);
    }

    /** An item's head; negative if there is no such item. */
    int head(int index) {
        return WarpgroupTile.item(barriers, index, HEAD);
    }

    /** Row of an item's first query. */
    int queryRow(int index) {
        return WarpgroupTile.item(barriers, index, QUERY_ROW);
    }

    /** An item's queries. */
    int queries(int index) {
        return WarpgroupTile.item(barriers, index, QUERIES);
    }

    /** Position of an item's first query in its sequence. */
    int firstQuery(int index) {
        return WarpgroupTile.item(barriers, index, FIRST_QUERY);
    }

    /** Row of the sequence's first key. */
    int keyRow(int index) {
        return WarpgroupTile.item(barriers, index, KEY_ROW);
    }

    /** The sequence's keys. */
    int keys(int index) {
        return WarpgroupTile.item(barriers, index, KEYS);
    }
}
