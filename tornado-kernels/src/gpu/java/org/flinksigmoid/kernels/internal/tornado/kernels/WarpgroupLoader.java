package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpgroupTile;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What one thread of {@link WarpgroupAttention}'s loading warpgroup does. */
final class WarpgroupLoader {
    private WarpgroupLoader() {}

    /**
     * Takes work items, announces them and fills stages with their keys and values.
     *
     * @param block index of the block, whose first item that is
     */
    static void run(
            WarpgroupShape shape,
            WarpgroupStages stages,
            WarpgroupItems announced,
            IntArray maps,
            IntArray items,
            int block) {
        WarpgroupTile.acquire(maps);
        int heads = items.get(3);
        int work = items.get(0) * heads;
        int blocks = WarpgroupTile.blocks();
        announced.announce(0, items, block, work, heads);
        announced.announce(1, items, block + blocks, work, heads);
        announced.await(0);
        for (int i = 0; announced.head(i) >= 0; i++) {
            int taken = WarpgroupTile.take(items);
            int query = announced.firstQuery(i);
            int head = announced.head(i);
            int keyRow = announced.keyRow(i);
            int keys = announced.keys(i);
            var seen = WarpgroupKeys.of(shape, query, announced.queries(i), keys);
            for (int key = seen.first(); key < seen.end(); key += shape.tile()) {
                stages.fill(maps, keyRow + key, head);
                stages.next();
            }
            announced.announce(i + 2, items, 2 * blocks + taken, work, heads);
            announced.await(i + 1);
        }
        WarpgroupTile.leave(items);
    }
}
