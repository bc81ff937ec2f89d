package org.flinksigmoid.kernels.internal.tornado.kernels;

/**
 * Keys that queries of a work item see, whole tiles of them and at least one.
 *
 * @param first the first tile's first key
 * @param end behind the last key
 */
record WarpgroupKeys(int first, int end) {
    /** What an item's queries see, all together; a tile of zeros where that is nothing. */
    static WarpgroupKeys of(WarpgroupShape shape, int firstQuery, int queries, int keys) {
        int first = shape.firstKey(firstQuery);
        int end = shape.endKey(firstQuery + queries, keys);
        if (first >= end) {
            first = 0;
            end = 1;
        }
        return new WarpgroupKeys(first, end);
    }

    /**
     * What a group's 64 of them see, from {@code lane} on; one tile where that is nothing, and none
     * where there are no queries.
     */
    WarpgroupKeys of(WarpgroupShape shape, int firstQuery, int lane, int queries, int keys) {
        int tile = shape.tile();
        int mine = firstQuery + lane;
        int from = shape.firstKey(mine);
        int to = Math.min(end, shape.endKey(mine + WarpgroupAttention.ROWS, keys));
        if (from >= to) {
            from = first;
            to = first + 1;
        }
        if (queries <= lane) {
            from = first + (end - first + tile - 1) / tile * tile;
            to = from;
        }
        return new WarpgroupKeys(from, to);
    }
}
