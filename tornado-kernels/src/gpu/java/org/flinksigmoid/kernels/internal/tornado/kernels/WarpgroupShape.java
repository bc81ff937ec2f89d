package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpgroupTile;

/**
 * Sizes of {@link WarpgroupAttention}, by width, mask and length the fastest on an H200, and keys
 * that queries see.
 */
public final class WarpgroupShape {
    /** What a block may have, less what aligns it. */
    private static final int MOST_BYTES = 227 * 1024 - 1024;

    /** As many as have barriers. */
    private static final int MOST_STAGES = 8;

    /** The length from which on larger tiles pay. */
    private static final int LONG = 1024;

    private WarpgroupShape() {}

    /** Columns of keys or values that the loads of one panel take. */
    public static int panel(int width) {
        return width % 64 == 0 ? 64 : 32;
    }

    /**
     * Keys of a tile: small ones waste less at a sequence's or a window's end, large ones take less
     * time a key.
     *
     * @param keys length of a typical sequence
     */
    public static int tile(int width, int keys, boolean causal, boolean windowed) {
        if (width > 64 || windowed) {
            return 64;
        }
        return causal ? 128 : keys > LONG ? 96 : 64;
    }

    /** Tiles that loads are ahead by, at most 8. */
    static int stages(int width, int tile) {
        int fit = (MOST_BYTES - 512 * width - WarpgroupTile.BARRIER_BYTES) / (4 * tile * width);
        return Math.min(fit, MOST_STAGES);
    }

    /** Bytes of dynamic shared memory that a block takes. */
    public static int sharedBytes(int width, int tile) {
        int ring = stages(width, tile) * 4 * tile * width;
        return 1024 + 512 * width + ring + WarpgroupTile.BARRIER_BYTES;
    }

    /**
     * Whether the last product is waited for behind the branch that follows it, and not before.
     * What the assembler moves between them depends on it: measured, not understood.
     */
    static boolean late(int width, int window) {
        return width == 96 || width == 64 && window == Integer.MAX_VALUE;
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
