package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpgroupTile;

/**
 * Sizes of {@link WarpgroupAttention}, by the width of a head the fastest on an H100, and keys that
 * queries see.
 */
public final class WarpgroupShape {
    /** What a block may have, less what aligns it. */
    private static final int MOST_BYTES = 227 * 1024 - 1024;

    private WarpgroupShape() {}

    /** Columns of keys or values that the loads of one panel take. */
    public static int panel(int width) {
        return width % 64 == 0 ? 64 : 32;
    }

    /** Keys of a tile. */
    public static int tile(int width) {
        return width > 64 ? 64 : 128;
    }

    /** Tiles that loads are ahead by, at most 8. */
    public static int stages(int width) {
        return (MOST_BYTES - 512 * width - WarpgroupTile.BARRIER_BYTES) / stageBytes(width);
    }

    static int stageBytes(int width) {
        return 4 * tile(width) * width;
    }

    /** Bytes of dynamic shared memory that a block takes. */
    public static int sharedBytes(int width) {
        return 1024 + 512 * width + stages(width) * stageBytes(width) + WarpgroupTile.BARRIER_BYTES;
    }

    /**
     * Whether the last product is waited for behind the branch that follows it, and not before.
     * What the assembler moves between them depends on it: measured, not understood.
     */
    static boolean late(int width, int causal, int window) {
        return width == 96 || width == 64 && (causal == 1 || window != Integer.MAX_VALUE);
    }

    /** The first tile's first key, for queries from {@code firstQuery} on. */
    static int firstKey(int firstQuery, int window, int tile) {
        return window == Integer.MAX_VALUE ? 0 : Math.max(0, firstQuery - window) / tile * tile;
    }

    /** The end of the keys for queries before {@code endQuery}. */
    static int endKey(int endQuery, int keys, int causal, int window) {
        int end = keys;
        if (window != Integer.MAX_VALUE) {
            end = Math.min(keys, endQuery + Math.min(window, keys));
        }
        return causal == 1 ? Math.min(end, endQuery) : end;
    }
}
