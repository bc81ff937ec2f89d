package org.flinksigmoid.kernels.internal.tornado.plan;

import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.kernels.internal.tornado.kernels.TileAttention;
import org.flinksigmoid.kernels.internal.tornado.kernels.WarpgroupAttention;
import org.flinksigmoid.kernels.internal.tornado.kernels.WarpgroupShape;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * Launches of tile attention: which kernel takes them, and the work items that packed sequences
 * become. The capacity bounds the items; those past the batch do nothing, so one captured graph
 * serves every batch that fits.
 */
public final class TileAttentionTask {
    /** Bytes of keys and values that stay in the second-level cache. */
    private static final int NEAR_BYTES = 1 << 24;

    private final SigmoidAttention spec;
    private final Layout layout;
    private final int options;
    private final Variant variant;
    private final int capacity;
    private Kernel kernel = Kernel.OPEN;

    /** Of the card that warpgroups run on. */
    private int multiprocessors;

    /** Which kernel takes the launches: all of them have the same items. */
    private enum Kernel {
        OPEN,
        WARPS,
        WARPGROUPS
    }

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
     * Launches for batches of up to {@code capacity} items.
     *
     * @param spec what to compute
     * @param layout where elements lie
     * @param capacity see {@link WorkItems#most}
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

    /**
     * How the kernel is compiled for a batch.
     *
     * @param ahead scores run ahead across tiles
     * @param guarded a first pass goes without cutting exponents
     * @param split warps meet in two halves of a barrier
     * @param blocks blocks a multiprocessor, which bounds registers
     * @param warpgroups {@link WarpgroupAttention} where the card can, for which what is above
     *     means nothing
     * @param shape its
     */
    record Variant(
            boolean ahead,
            boolean guarded,
            boolean split,
            int blocks,
            boolean warpgroups,
            WarpgroupShape shape) {
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
            var shape =
                    WarpgroupShape.of(
                            width, function(spec, layout), spec.mask().window(), typicalKeys);
            return new Variant(ahead, guarded, split, blocks, warpgroups, shape);
        }

        /** The same without warpgroups. */
        Variant onWarps() {
            return new Variant(ahead, guarded, split, blocks, false, shape);
        }
    }

    /** Options that say what is computed; both kernels have them. */
    private static int function(SigmoidAttention spec, Layout layout) {
        return (layout.bfloat() ? TileAttention.BFLOAT : 0)
                | (spec.mask().causal() ? TileAttention.CAUSAL : 0)
                | (spec.alibi() ? TileAttention.ALIBI : 0)
                | (spec.bias() instanceof Bias.NegativeLogN ? TileAttention.LOG_N : 0);
    }

    /** The warps' options. */
    private static int options(SigmoidAttention spec, Layout layout, Variant variant) {
        return function(spec, layout)
                | (variant.ahead() ? TileAttention.AHEAD : 0)
                | (variant.guarded() ? TileAttention.GUARDED : 0)
                | (variant.split() ? TileAttention.SPLIT : 0)
                | (variant.blocks() << TileAttention.BLOCKS_SHIFT);
    }

    /**
     * The numbers that {@code items} of {@link #addTo} has when the recording is launched, which
     * the kernel that was added decides.
     *
     * @throws IllegalArgumentException if the batch takes more items than the capacity
     */
    int[] items(RaggedBatch queries, RaggedBatch keys) {
        Mask mask = spec.mask();
        int heads = spec.heads();
        // Warpgroups take all heads of an item before the next item, warps all items of a head.
        if (kernel == Kernel.WARPGROUPS) {
            int full = WarpgroupAttention.ROWS * variant.shape().groups();
            int rows = WorkItems.rows(mask, queries, keys, heads, full, multiprocessors);
            return new WorkItems(mask, most(), rows, nearRows(heads), multiprocessors)
                    .of(queries, keys, heads);
        }
        return new WorkItems(mask, capacity, TileAttention.QUERIES, nearRows(1), 0)
                .of(queries, keys, heads);
    }

    private int nearRows(int heads) {
        return Math.max(1, NEAR_BYTES / (4 * layout.width() * heads));
    }

    /** Most numbers of {@link #items}. */
    int itemNumbers() {
        return WorkItems.numbers(most());
    }

    /** Most items of warpgroups, of half as many queries as those that the capacity counts. */
    private int most() {
        return Math.multiplyExact(capacity, TileAttention.QUERIES / WarpgroupAttention.ROWS);
    }

    /**
     * Adds a launch to a recording: on Hopper's matrix unit where the variant says so and the card
     * has it. Arrays are 16-bit, and {@code q}, {@code k} and {@code v} may be one.
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
        boolean open = kernel == Kernel.OPEN;
        if (open ? variant.warpgroups() && device.warpgroups() : kernel == Kernel.WARPGROUPS) {
            try {
                addWarpgroups(recording, q, k, v, out, items, columns, slopes);
                kernel = Kernel.WARPGROUPS;
                return;
            } catch (DeviceFailureException e) {
                if (e.lost() || !open) {
                    throw e;
                }
                device.refuseWarpgroups(e);
            }
        }
        kernel = Kernel.WARPS;
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
        WarpgroupShape shape = variant.shape();
        multiprocessors = recording.device().multiprocessors();
        int blocks =
                Math.min(multiprocessors, Math.multiplyExact(Math.max(1, most()), spec.heads()));
        recording.kernel(
                WarpgroupAttention.class,
                "attend",
                new Grid(blocks, 1, shape.threads(), shape.sharedBytes()),
                q,
                recording.maps(map(k, layout.keyColumn()), map(v, layout.valueColumn())),
                out,
                items,
                columns,
                slopes,
                shape.width(),
                shape.tile(),
                shape.groups(),
                shape.options(),
                shape.window(),
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
                variant.shape().tile());
    }

    private float bias() {
        return spec.bias() instanceof Bias.Fixed fixed ? fixed.value() : 0f;
    }
}
