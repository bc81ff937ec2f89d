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
    private static final int MOST_STAGES = 12;

    /**
     * The length up to which two groups are the fastest; under masks and 96 wide up to twice it.
     */
    private static final int SHORT = 128;

    /** The length up to which four are, 64 wide without mask and ALiBi. */
    private static final int MEDIUM = 512;

    /** The length beyond which large tiles are. */
    private static final int LONG = 2048;

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
     * @param plain without mask and ALiBi
     */
    public static int tile(int width, int keys, boolean plain, boolean windowed) {
        if (groups(width, keys, plain) == 4) {
            return 32;
        }
        return width == 64 && keys > LONG && !windowed ? 96 : 64;
    }

    /**
     * Warpgroups that compute. More of them fill each other's waiting, where there are registers
     * for them, and queries.
     *
     * @param keys length of a typical sequence
     * @param plain without mask and ALiBi
     */
    public static int groups(int width, int keys, boolean plain) {
        if (width == 64 && plain && keys > SHORT && keys <= MEDIUM) {
            return 4;
        }
        return width > 96 || keys <= 2 * SHORT ? 2 : 3;
    }

    /** Threads of a block: those that compute, and a warpgroup that loads. */
    public static int threads(int groups) {
        return 128 * (groups + 1);
    }

    /** Registers of a thread that computes, once the loading ones have given theirs away. */
    static int registers(int groups) {
        return groups == 2 ? 240 : groups == 3 ? 160 : 112;
    }

    /** Tiles that loads are ahead by, at most 12. */
    static int stages(int width, int tile, int groups) {
        int fit =
                (MOST_BYTES - rowBytes(width, groups) - WarpgroupTile.BARRIER_BYTES)
                        / (4 * tile * width);
        return Math.min(fit, MOST_STAGES);
    }

    /** Bytes for queries, and as many for results. */
    static int rowBytes(int width, int groups) {
        return 256 * groups * width;
    }

    /** Bytes of dynamic shared memory that a block takes. */
    public static int sharedBytes(int width, int tile, int groups) {
        int ring = stages(width, tile, groups) * 4 * tile * width;
        return 1024 + rowBytes(width, groups) + ring + WarpgroupTile.BARRIER_BYTES;
    }

    /**
     * Whether the last product is waited for behind the branch that follows it, and not before.
     * What the assembler moves between them depends on it: measured, not understood.
     */
    static boolean late(int width, int tile) {
        return width != 96 && tile > 32;
    }

    /**
     * Where in the block's {@code index}-th item a group's queries begin. With large tiles and no
     * mask groups take places in turn, so that none has fewer queries than the others where items
     * are not full (3 % faster; slower otherwise).
     */
    static int lane(int group, int index, int tile, int groups, int options) {
        boolean inTurn = tile > 64 && (options & (TileAttention.CAUSAL | TileAttention.ALIBI)) == 0;
        return (inTurn ? (group + index) % groups : group) * WarpgroupAttention.ROWS;
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
