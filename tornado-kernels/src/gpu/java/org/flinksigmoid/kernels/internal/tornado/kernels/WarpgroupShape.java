package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpgroupTile;

/**
 * What is constant in a {@link WarpgroupAttention}, and what follows from it: sizes, and keys that
 * queries see. Kernels make one, too; the compiler leaves nothing of it.
 *
 * @param width elements of a head: 64, 96 or 128
 * @param tile keys of a tile
 * @param groups warpgroups that compute
 * @param options of {@link TileAttention}: those that say what is computed
 * @param window how far a query sees; {@code Integer.MAX_VALUE} for no limit
 */
public record WarpgroupShape(int width, int tile, int groups, int options, int window) {
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

    /** Columns of keys or values that the loads of one panel take. */
    public static int panel(int width) {
        return width % 64 == 0 ? 64 : 32;
    }

    /**
     * The fastest one measured, on an H200. Small tiles waste less at a sequence's or a window's
     * end, large ones take less time a key; more warpgroups fill each other's waiting, where there
     * are registers for them, and queries.
     *
     * @param keys length of a typical sequence
     */
    public static WarpgroupShape of(int width, int options, int window, int keys) {
        boolean windowed = window != Integer.MAX_VALUE;
        boolean plain = !windowed && (options & (TileAttention.CAUSAL | TileAttention.ALIBI)) == 0;
        int groups = width > 96 || keys <= 2 * SHORT ? 2 : 3;
        int tile = width == 64 && keys > LONG && !windowed ? 96 : 64;
        if (width == 64 && plain && keys > SHORT && keys <= MEDIUM) {
            groups = 4;
            tile = 32;
        }
        return new WarpgroupShape(width, tile, groups, options, window);
    }

    /** Threads of a block: those that compute, and a warpgroup that loads. */
    public int threads() {
        return 128 * (groups + 1);
    }

    /** Registers of a thread that computes, once the loading ones have given theirs away. */
    int registers() {
        return groups == 2 ? 240 : groups == 3 ? 160 : 112;
    }

    /** Bytes of a stage: a tile of keys, then their values. */
    int stageBytes() {
        return 4 * tile * width;
    }

    /** Tiles that loads are ahead by, at most 12. */
    int stages() {
        int fit = (MOST_BYTES - rowBytes() - WarpgroupTile.BARRIER_BYTES) / stageBytes();
        return Math.min(fit, MOST_STAGES);
    }

    /** Bytes for queries, and as many for results. */
    int rowBytes() {
        return 256 * groups * width;
    }

    /** Bytes of dynamic shared memory that a block takes. */
    public int sharedBytes() {
        return 1024 + rowBytes() + stages() * stageBytes() + WarpgroupTile.BARRIER_BYTES;
    }

    /** Whether options hold one, as 1 or 0. */
    int has(int option) {
        return (options & option) == 0 ? 0 : 1;
    }

    /** Binary digits that weights are larger by than sigmoids: fp16 has few below 1. */
    int shift() {
        return has(TileAttention.BFLOAT) == 1 ? 0 : TileAttention.HALF_SHIFT;
    }

    /**
     * Whether the last product is waited for behind the branch that follows it, and not before.
     * What the assembler moves between them depends on it: measured, not understood.
     */
    boolean late() {
        return width != 96 && tile > 32;
    }

    /**
     * Where in the block's {@code index}-th item a group's queries begin. With large tiles and no
     * mask groups take places in turn, so that none has fewer queries than the others where items
     * are not full (3 % faster; slower otherwise).
     */
    int lane(int group, int index) {
        boolean inTurn = tile > 64 && (options & (TileAttention.CAUSAL | TileAttention.ALIBI)) == 0;
        return (inTurn ? (group + index) % groups : group) * WarpgroupAttention.ROWS;
    }

    /** The first tile's first key, for queries from {@code firstQuery} on. */
    int firstKey(int firstQuery) {
        return window == Integer.MAX_VALUE ? 0 : Math.max(0, firstQuery - window) / tile * tile;
    }

    /** The end of the keys for queries before {@code endQuery}. */
    int endKey(int endQuery, int keys) {
        int end = keys;
        if (window != Integer.MAX_VALUE) {
            end = Math.min(keys, endQuery + Math.min(window, keys));
        }
        return has(TileAttention.CAUSAL) == 1 ? Math.min(end, endQuery) : end;
    }

    /** Whether all of a group's queries, from {@code mine} on, see all of a tile's keys. */
    boolean whole(int mine, int key) {
        return (has(TileAttention.CAUSAL) == 0 || key + tile - 1 <= mine)
                && (window == Integer.MAX_VALUE
                        || (mine + WarpgroupAttention.ROWS - 1 - key <= window
                                && key + tile - 1 - mine <= window));
    }
}
