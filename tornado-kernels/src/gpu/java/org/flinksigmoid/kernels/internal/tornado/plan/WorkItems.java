package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.Arrays;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.internal.tornado.kernels.TileAttention;
import org.flinksigmoid.kernels.internal.tornado.kernels.WarpgroupAttention;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * How packed sequences become work items of tile attention, as integers for the kernels.
 *
 * @param mask which keys queries see
 * @param capacity most items
 * @param rows most queries of an item, a multiple of {@link WarpgroupAttention#ROWS}
 * @param nearRows rows of keys and values that stay in the card's second-level cache
 * @param blocks that stay and take items, the first two of each {@code blocks} apart; 0 where each
 *     item has its own
 */
record WorkItems(Mask mask, int capacity, int rows, int nearRows, int blocks) {
    private static final int PIECE = WarpgroupAttention.ROWS;

    /** What an item's work, and the items of a launch, are fewer than 2 to. */
    private static final int WORK_BITS = 28;

    private static final int ITEM_BITS = 20;

    /** So many full items a block are enough for blocks to end together. */
    private static final int MANY = 4;

    /** The last group of near items: those that need not be near. */
    private static final int LATE = (1 << 63 - WORK_BITS - ITEM_BITS) - 1;

    /** Items of {@link TileAttention#QUERIES} queries that a batch takes, of each head. */
    static int most(RaggedBatch queries) {
        int items = 0;
        for (int s = 0; s < queries.size(); s++) {
            items += Math.ceilDiv(queries.length(s), TileAttention.QUERIES);
        }
        return items;
    }

    /**
     * Queries of an item with which a launch ends first: the most, or fewer where there are so few
     * items that some blocks would have none, or one less than others (one sequence of 1024 with 8
     * heads: 11 us instead of 17).
     *
     * @param heads of each sequence
     * @param most a multiple of {@link WarpgroupAttention#ROWS}
     * @param blocks that take items
     */
    static int rows(
            Mask mask, RaggedBatch queries, RaggedBatch keys, int heads, int most, int blocks) {
        var full = new WorkItems(mask, Integer.MAX_VALUE, most, 1, blocks);
        if ((long) full.count(queries) * heads >= MANY * blocks) {
            return most;
        }
        int best = most;
        double first = full.end(queries, keys, heads);
        for (int rows = most - PIECE; rows > 0; rows -= PIECE) {
            var items = new WorkItems(mask, Integer.MAX_VALUE, rows, 1, blocks);
            double end = items.end(queries, keys, heads);
            if (end < first) {
                best = rows;
                first = end;
            }
        }
        return best;
    }

    /**
     * About when a launch ends, in what {@link #work} counts in: blocks end together but for those
     * that have one item more, which is a short one.
     */
    private double end(RaggedBatch queries, RaggedBatch keys, int heads) {
        long[] work = new long[count(queries)];
        int item = 0;
        for (int s = 0; s < queries.size(); s++) {
            int length = queries.length(s);
            for (int p = 0; p < parts(length); p++) {
                work[item++] = work(first(length, p), first(length, p + 1), keys.length(s));
            }
        }
        Arrays.sort(work);
        long more = (long) work.length * heads % blocks; // items that not every block has
        long last = 0;
        double all = 0;
        for (long each : work) {
            long late = Math.min(heads, more);
            last = late > 0 ? each : last;
            all += each * (heads - late);
            more -= late;
        }
        return work.length == 0 ? 0 : Math.max(work[work.length - 1], all / blocks + last);
    }

    private int count(RaggedBatch queries) {
        int count = 0;
        for (int s = 0; s < queries.size(); s++) {
            count += parts(queries.length(s));
        }
        return count;
    }

    /** Numbers of {@link #of} for so many items. */
    static int numbers(int capacity) {
        return (1 + Math.max(1, capacity)) * TileAttention.ITEM;
    }

    /**
     * Work items of a batch, behind the number of them, two counters that start at 0, and the heads
     * (see {@link WarpgroupAttention#attend}); those past the batch's own are all 0. A sequence's
     * items have as many {@link WarpgroupAttention#ROWS} of queries as each other, or one more: the
     * last ones, which see more keys under a causal mask, as a warpgroup without queries waits.
     * Those that take longest come first, so that the last ones to finish are short. Where no block
     * has more than its two fixed ones, its first is the shorter the longer its second is (causal,
     * one sequence of 4096 with 8 heads: 43 us instead of 60). Under a mask a sequence's items
     * differ and would find its keys gone from the cache (2.4 times the memory traffic and 5 % more
     * time by warps, causal, n = 1024). So there this is among items whose keys and values are near
     * each other, but for items of less than half the longest's work: they come last, wherever they
     * are. Blocks take items before they can know how long those that they have will take, and
     * enough short ones even that out (causal, n = 4096: 290 instead of 325 us).
     *
     * @throws IllegalArgumentException if it takes more items than the capacity, or 2^20
     */
    int[] of(RaggedBatch queries, RaggedBatch keys, int heads) {
        int count = count(queries);
        int allowed = Math.min(capacity, 1 << ITEM_BITS);
        if (count > allowed || queries.size() != keys.size()) {
            throw new IllegalArgumentException(
                    "attention batch: expected up to %d items and as many key as query sequences, found %d items, %d and %d sequences"
                            .formatted(allowed, count, keys.size(), queries.size()));
        }
        int[] sequence = new int[count];
        int[] first = new int[count];
        long[] work = new long[count];
        long most = 0;
        int item = 0;
        for (int s = 0; s < queries.size(); s++) {
            for (int p = 0; p < parts(queries.length(s)); p++) {
                sequence[item] = s;
                first[item] = first(queries.length(s), p);
                int end = first(queries.length(s), p + 1);
                work[item] = work(first[item], end, keys.length(s));
                most = Math.max(most, work[item]);
                item++;
            }
        }
        long[] order = new long[count];
        for (int i = 0; i < count; i++) {
            int near = Math.min(keys.offset(sequence[i]) / nearRows, LATE - 1);
            boolean anywhere = mask.equals(Mask.NONE) || 2 * work[i] < most;
            order[i] = order(anywhere ? LATE : near, work[i], i);
        }
        Arrays.sort(order);
        if ((long) count * heads <= 2L * blocks) {
            reverse(order, Math.min(count, blocks / heads));
        }
        int[] made = new int[numbers(capacity)];
        made[0] = count;
        made[3] = heads;
        for (int i = 0; i < count; i++) {
            int b = (int) order[i] & (1 << ITEM_BITS) - 1;
            int s = sequence[b];
            boolean last = b + 1 == count || sequence[b + 1] != s;
            int at = (1 + i) * TileAttention.ITEM;
            made[at] = queries.offset(s) + first[b];
            made[at + 1] = (last ? queries.length(s) : first[b + 1]) - first[b];
            made[at + 2] = first[b];
            made[at + 3] = keys.offset(s);
            made[at + 4] = keys.length(s);
        }
        return made;
    }

    private static void reverse(long[] order, int end) {
        for (int i = 0, j = end - 1; i < j; i++, j--) {
            long swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
    }

    /** Items of a sequence. */
    private int parts(int length) {
        return Math.ceilDiv(length, rows);
    }

    /** An item's first query. */
    private int first(int length, int part) {
        long pieces = Math.ceilDiv(length, PIECE);
        int parts = parts(length);
        long fuller = Math.max(0, part - parts + pieces % parts); // items before it, by a piece
        return (int) Math.min(length, (part * (pieces / parts) + fuller) * PIECE);
    }

    /** About what an item takes: one of three pieces about twice as long as one of one. */
    private long work(int first, int end, int keys) {
        int seen = mask.endKey(end - 1, keys) - Math.min(keys, mask.firstKey(first));
        return (long) seen * (1 + Math.ceilDiv(end - first, PIECE));
    }

    /** Sorts items by what is near, then those with the most work first; the item lies below. */
    private static long order(int near, long work, int item) {
        return (long) near << (WORK_BITS + ITEM_BITS)
                | (1L << WORK_BITS) - 1 - work << ITEM_BITS
                | item;
    }
}
