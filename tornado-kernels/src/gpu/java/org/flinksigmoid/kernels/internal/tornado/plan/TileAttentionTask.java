package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.Arrays;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.kernels.internal.tornado.kernels.TileAttention;
import org.flinksigmoid.kernels.internal.tornado.kernels.WarpgroupAttention;
import org.flinksigmoid.kernels.internal.tornado.kernels.WarpgroupShape;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * One launch of tile attention: how packed sequences become blocks of 128 queries, and which kernel
 * takes them. The capacity bounds the blocks; those past the batch do nothing, so one captured
 * graph serves every batch that fits.
 */
public final class TileAttentionTask {
    /** Bytes of keys and values that stay in the second-level cache. */
    private static final int NEAR_BYTES = 1 << 24;

    /** Keys of a block, and blocks of a launch, are fewer than 2 to these. */
    private static final int WORK_BITS = 24;

    private static final int BLOCK_BITS = 20;

    private final SigmoidAttention spec;
    private final Layout layout;
    private final int options;
    private final Variant variant;
    private final int capacity;

    /**
     * Where elements lie. Strides and columns are multiples of 8, so that every head's row starts
     * on 16 bytes; multiples of 64 let it start on a 128-byte line.
     *
     * @param width elements of a head in memory: 32, 64, 96 or 128; at least the spec's, the rest
     *     zero
     * @param bfloat whether elements are bf16
     * @param stride elements from a row of q, k or v to the next
     * @param outStride the same of the output
     * @param queryColumn element where the first query's first head starts
     * @param keyColumn the same for keys
     * @param valueColumn the same for values
     * @param outColumn the same for the output
     */
    public record Layout(
            int width,
            boolean bfloat,
            int stride,
            int outStride,
            int queryColumn,
            int keyColumn,
            int valueColumn,
            int outColumn) {
        public Layout {
            if (width != 32 && width != 64 && width != 96 && width != 128) {
                throw new IllegalArgumentException(
                        "head width: expected 32, 64, 96 or 128, found " + width);
            }
            if (((stride | outStride | queryColumn | keyColumn | valueColumn | outColumn) & 7)
                    != 0) {
                throw new IllegalArgumentException(
                        "strides and columns: expected multiples of 8, found stride %d, output stride %d, columns %d, %d, %d, %d"
                                .formatted(
                                        stride,
                                        outStride,
                                        queryColumn,
                                        keyColumn,
                                        valueColumn,
                                        outColumn));
            }
        }

        /** First elements of queries, keys, values and output; stride and output stride. */
        int[] places() {
            return new int[] {queryColumn, keyColumn, valueColumn, outColumn, stride, outStride};
        }
    }

    /**
     * A launch for batches of up to {@code capacity} blocks.
     *
     * @param spec what to compute
     * @param layout where elements lie
     * @param capacity most blocks; see {@link #blocks}
     * @param typicalKeys length the kernel's variant is chosen for; what is given for a capacity
     *     counts at least 16 sequences, so that few long ones pass for shorter ones
     */
    public TileAttentionTask(SigmoidAttention spec, Layout layout, int capacity, int typicalKeys) {
        this(spec, layout, capacity, Variant.of(spec, layout, typicalKeys));
    }

    TileAttentionTask(SigmoidAttention spec, Layout layout, int capacity, Variant variant) {
        if (spec.headDim() > layout.width()) {
            throw new IllegalArgumentException(
                    "head width: expected at least %d, found %d"
                            .formatted(spec.headDim(), layout.width()));
        }
        this.spec = spec;
        this.layout = layout;
        this.capacity = capacity;
        this.options = options(spec, layout, variant);
        this.variant = variant;
    }

    /** Blocks that a batch of queries takes, of each head. */
    public static int blocks(RaggedBatch queries) {
        int blocks = 0;
        for (int s = 0; s < queries.size(); s++) {
            blocks += Math.ceilDiv(queries.length(s), TileAttention.QUERIES);
        }
        return blocks;
    }

    /**
     * How the kernel is compiled for a batch.
     *
     * @param ahead scores run ahead across tiles
     * @param guarded a first pass goes without cutting exponents
     * @param split warps meet in two halves of a barrier
     * @param blocks blocks a multiprocessor, which bounds registers
     * @param warpgroups {@link WarpgroupAttention} where the card can, for which what is above
     *     means nothing
     * @param tile its keys a tile
     */
    record Variant(
            boolean ahead,
            boolean guarded,
            boolean split,
            int blocks,
            boolean warpgroups,
            int tile) {
        /** Keys from which on it pays that scores run ahead across tiles. */
        private static final int LONG = 512;

        /** The fastest one measured; see README.md. */
        static Variant of(SigmoidAttention spec, Layout layout, int typicalKeys) {
            int width = layout.width();
            boolean wide = width > 64;
            boolean plain = spec.mask().equals(Mask.NONE) && !spec.alibi();
            boolean window = spec.mask().window() != Mask.UNLIMITED;
            boolean ahead = wide || typicalKeys >= LONG;
            boolean split =
                    wide ? plain && (width == 128 || typicalKeys >= 2 * LONG) : ahead && window;
            boolean guarded = plain && !split && width > 32 && (wide || typicalKeys >= 2 * LONG);
            int blocks = width == 32 ? 4 : ahead ? 2 : 3;
            boolean warpgroups =
                    width > 32
                            && (!(spec.bias() instanceof Bias.Fixed fixed)
                                    || Math.abs(fixed.value()) <= WarpgroupAttention.LARGEST_BIAS);
            int tile = WarpgroupShape.tile(width, typicalKeys, spec.mask().causal(), window);
            return new Variant(ahead, guarded, split, blocks, warpgroups, tile);
        }

        /** The same without warpgroups. */
        Variant onWarps() {
            return new Variant(ahead, guarded, split, blocks, false, tile);
        }
    }

    private static int options(SigmoidAttention spec, Layout layout, Variant variant) {
        return (layout.bfloat() ? TileAttention.BFLOAT : 0)
                | (spec.mask().causal() ? TileAttention.CAUSAL : 0)
                | (variant.ahead() ? TileAttention.AHEAD : 0)
                | (variant.guarded() ? TileAttention.GUARDED : 0)
                | (spec.alibi() ? TileAttention.ALIBI : 0)
                | (spec.bias() instanceof Bias.NegativeLogN ? TileAttention.LOG_N : 0)
                | (variant.split() ? TileAttention.SPLIT : 0)
                | (variant.blocks() << TileAttention.BLOCKS_SHIFT);
    }

    /**
     * Work items of a batch, behind the number of its blocks, two counters that start at 0, and the
     * heads (see {@link WarpgroupAttention#attend}); those past the batch's own are all 0. Blocks
     * with the most keys come first, so that the last ones to finish are short; under a mask only
     * among those whose keys and values take {@link #NEAR_BYTES}, because a sequence's blocks then
     * differ and would find its keys gone from the card's second-level cache (2.4 times the memory
     * traffic and 5 % more time by warps, causal, n = 1024).
     *
     * @throws IllegalArgumentException if it takes more blocks than the capacity
     */
    int[] items(RaggedBatch queries, RaggedBatch keys) {
        int blocks = blocks(queries);
        if (blocks > capacity || queries.size() != keys.size()) {
            throw new IllegalArgumentException(
                    "attention batch: expected up to %d blocks and as many key as query sequences, found %d blocks, %d and %d sequences"
                            .formatted(capacity, blocks, keys.size(), queries.size()));
        }
        boolean masked = !spec.mask().equals(Mask.NONE);
        // Warpgroups take all heads of an item before the next item, warps all items of a head. A
        // card that refused warpgroups gets smaller groups than it could have.
        int together = variant.warpgroups() ? spec.heads() : 1;
        int nearRows = Math.max(1, NEAR_BYTES / (4 * layout.width() * together));
        int[] sequence = new int[blocks];
        int[] first = new int[blocks];
        long[] order = new long[blocks];
        int count = 0;
        for (int s = 0; s < queries.size(); s++) {
            for (int f = 0; f < queries.length(s); f += TileAttention.QUERIES) {
                sequence[count] = s;
                first[count] = f;
                int near = masked ? keys.offset(s) / nearRows : 0;
                order[count] = order(near, work(f, keys.length(s)), count);
                count++;
            }
        }
        Arrays.sort(order);
        int[] made = new int[itemNumbers()];
        made[0] = blocks;
        made[3] = spec.heads();
        for (int i = 0; i < blocks; i++) {
            int b = (int) order[i] & (1 << BLOCK_BITS) - 1;
            int s = sequence[b];
            int at = (1 + i) * TileAttention.ITEM;
            made[at] = queries.offset(s) + first[b];
            made[at + 1] = queries.length(s) - first[b];
            made[at + 2] = first[b];
            made[at + 3] = keys.offset(s);
            made[at + 4] = keys.length(s);
        }
        return made;
    }

    /** Sorts blocks by what is near, then those with the most work first; the block lies below. */
    private static long order(int near, int work, int block) {
        return (long) near << (WORK_BITS + BLOCK_BITS)
                | (long) ((1 << WORK_BITS) - 1 - work) << BLOCK_BITS
                | block;
    }

    /** Numbers of {@link #items}. */
    int itemNumbers() {
        return (1 + Math.max(1, capacity)) * TileAttention.ITEM;
    }

    /**
     * Adds the launch to a recording: on Hopper's matrix unit where the variant says so and the
     * card has it. Arrays are 16-bit, and {@code q}, {@code k} and {@code v} may be one.
     *
     * @param items holds what {@link #items} says when the recording is launched
     * @param columns the layout's {@link Layout#places}
     * @param slopes ALiBi's, of each head
     */
    void addTo(
            Recording recording,
            Region q,
            Region k,
            Region v,
            Region out,
            Region items,
            Region columns,
            Region slopes) {
        Device device = recording.device();
        if (variant.warpgroups() && device.warpgroups()) {
            try {
                addWarpgroups(recording, q, k, v, out, items, columns, slopes);
                return;
            } catch (DeviceFailureException e) {
                if (e.lost()) {
                    throw e;
                }
                device.refuseWarpgroups(e);
            }
        }
        recording.kernel(
                TileAttention.class,
                "attend",
                new Grid(Math.max(1, capacity), spec.heads(), TileAttention.QUERIES),
                q,
                k,
                v,
                out,
                items,
                columns,
                slopes,
                layout.width(),
                layout.stride(),
                layout.outStride(),
                options,
                spec.mask().window(),
                spec.scale(),
                bias());
    }

    private void addWarpgroups(
            Recording recording,
            Region q,
            Region k,
            Region v,
            Region out,
            Region items,
            Region columns,
            Region slopes) {
        int width = layout.width();
        int blocks =
                Math.min(
                        recording.device().multiprocessors(),
                        Math.multiplyExact(Math.max(1, capacity), spec.heads()));
        recording.kernel(
                WarpgroupAttention.class,
                "attend",
                new Grid(
                        blocks,
                        1,
                        WarpgroupAttention.THREADS,
                        WarpgroupShape.sharedBytes(width, variant.tile())),
                q,
                recording.maps(map(k, layout.keyColumn()), map(v, layout.valueColumn())),
                out,
                items,
                columns,
                slopes,
                width,
                variant.tile(),
                options & WarpgroupAttention.OPTIONS,
                spec.mask().window(),
                spec.scale(),
                bias());
    }

    private PanelMap map(Region rows, int column) {
        int width = layout.width();
        return new PanelMap(
                rows,
                column,
                layout.stride(),
                width,
                spec.heads(),
                WarpgroupShape.panel(width),
                variant.tile());
    }

    private float bias() {
        return spec.bias() instanceof Bias.Fixed fixed ? fixed.value() : 0f;
    }

    /** Keys that a block goes through. */
    private int work(int firstQuery, int keys) {
        Mask mask = spec.mask();
        return mask.endKey(firstQuery + TileAttention.QUERIES - 1, keys)
                - Math.min(keys, mask.firstKey(firstQuery));
    }
}
