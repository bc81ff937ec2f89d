package org.flinksigmoid.kernels.internal.vector;

import java.util.Arrays;
import java.util.Optional;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.tensor.Int8Rows;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * A weight matrix packed for {@link Tiles}, with all that follows its product: {@code out =
 * residual + scale act(x W^T + bias)} for a chunk of panels of rows. Immutable.
 *
 * <p>Blocking: a block of at most {@link #DEPTH} inputs of a panel (32 KB with AVX-512, 24 KB with
 * AVX2) stays in L1 while a group of tiles of weights streams past it from L2 (196 and 295 KB),
 * each used for two products a load. Where products take two cycles ({@link Lanes#HALVED}) a block
 * comes from L2 in time, and has twice as many inputs, for fewer visits to the sums. The group
 * serves all panels of the chunk before the next is read, so that weights come from memory, or from
 * a cache that others use too, once a chunk; partial sums wait in {@code out}. Weights lie in the
 * order of their use, {@code [block of inputs, tile, inputs of the block, outputs of the tile]}.
 * From L2 they come fast enough, 4 bytes a cycle; from memory they don't. So the products of the
 * first panels read the next group ahead, a little for each input; where there are too few panels,
 * a group is fetched at once before its first product ({@link TileWeights#fetch}), unless all of a
 * model's weights fit a cache or floats' products take two cycles. Neither is done for tiles of
 * six, whose weights the processor fetches soon enough by itself. With {@code INT8} the sums are
 * multiplied by their channels' scales before anything else.
 */
final class PackedLayer {
    /** Most inputs summed between two visits to {@code out}; more of a narrower panel fit L1. */
    private static final int DEPTH = Lanes.HALVED ? 512 : Lanes.LONG_TILE == 12 ? 256 : 384;

    /** A block's inputs are a multiple of this, but for the last one's: whole turns of any tile. */
    private static final int TURN = 4;

    /** Most panels of a chunk: a block of its inputs takes 512 KB of L2 beside the weights. */
    static final int CHUNK = 16;

    /** Most tiles of a group. */
    private static final int GROUP = 192 / Lanes.LONG_TILE;

    private static final int TILE = Lanes.LONG_TILE;
    private static final int PANEL = Lanes.PANEL;

    /** Whether anything is read ahead. */
    private static final boolean READS_AHEAD = Lanes.LONG_TILE == 12;

    /** Panels whose products read the next group ahead, each a part of every tile. */
    private static final int AHEAD_PANELS = 12 / Tiles.AHEAD;

    /** Stands for no tile. */
    static final int NOTHING = -1;

    /** Floats of the scratch's sums. */
    private static final int SUMS = CHUNK * GROUP * TILE * PANEL;

    private static final float[] NONE = {};
    private static final float[] ZEROS = new float[TILE];

    private final int outputs;
    private final int inputs;

    /** Inputs of a block; the last may have fewer. */
    private final int depth;

    private final Tiling tiling;
    private final TileWeights weights;
    private final float[] channels;
    private final float[] bias;
    private final float[] scale;
    private final boolean scaled;
    private final TileActivation activation;

    /** Whether nothing but the bias and a residual goes with the product: sums begin with both. */
    private final boolean plain;

    /** What sums begin with: the bias, or zeros where the channels' scales come first. */
    private final float[] start;

    /**
     * Packs a layer.
     *
     * @param weight row-major {@code [outputs, inputs]}
     */
    PackedLayer(
            float[] weight,
            int outputs,
            Optional<Tensor> bias,
            Activation activation,
            Optional<Tensor> scale,
            WeightFormat format) {
        this.outputs = outputs;
        this.inputs = weight.length / outputs;
        int even = Lanes.blocks(inputs, Lanes.blocks(inputs, DEPTH));
        this.depth = Lanes.blocks(even, TURN) * TURN;
        this.tiling = Tiling.of(outputs);
        this.activation = TileActivation.of(activation);
        this.scaled = scale.isPresent();
        int padded = tiling.padded();
        this.bias = Arrays.copyOf(bias.map(Tensor::toFloats).orElse(new float[0]), padded);
        float[] ones = new float[padded];
        Arrays.fill(ones, 1);
        this.scale = Arrays.copyOf(scale.map(Tensor::toFloats).orElse(ones), padded);
        if (format == WeightFormat.INT8) {
            Int8Rows rows = Int8Rows.of(weight, outputs);
            this.channels = Arrays.copyOf(rows.scales(), padded);
            this.start = new float[padded];
            this.weights = pack(rows.toWholeNumbers(), format);
        } else {
            this.channels = NONE;
            this.start = this.bias;
            this.weights = pack(weight, format);
        }
        this.plain = activation == Activation.IDENTITY && !scaled && channels.length == 0;
    }

    private TileWeights pack(float[] weight, WeightFormat format) {
        int unit = TileWeights.unit(format);
        int stride = Lanes.blocks(depth * TILE, unit) * unit;
        float[] runs = new float[Tiles.size((long) Lanes.blocks(inputs, depth) * tiles() * stride)];
        for (int o = 0; o < outputs; o++) {
            int tile = tiling.tileOf(o);
            int size = tiling.size(tile);
            int at = o - tiling.first(tile);
            for (int i = 0; i < inputs; i++) {
                int run = i / depth * tiles() + tile;
                runs[run * stride + i % depth * size + at] = weight[o * inputs + i];
            }
        }
        return TileWeights.of(format, runs, stride);
    }

    /** Columns of the result. */
    int outputs() {
        return outputs;
    }

    /** Columns of the input. */
    int inputs() {
        return inputs;
    }

    /** Tiles that the outputs take; the last may be cut. */
    int tiles() {
        return tiling.tiles();
    }

    /** Floats of the scratch that {@link #run} needs: sums, a group of weights, a number. */
    int scratch() {
        return kept() + 1;
    }

    /** Where in the scratch the numbers go that keep C2 from leaving out what is read ahead. */
    private int kept() {
        return SUMS + GROUP * weights.stride();
    }

    /** Runs of weights. */
    private int runs() {
        return Lanes.blocks(inputs, depth) * tiles();
    }

    /** Whether with so many panels the products of a group read the next one's weights ahead. */
    boolean isPacing(int panels) {
        return panels > AHEAD_PANELS && READS_AHEAD && weights.isPlain();
    }

    /**
     * Computes tiles {@code [tileFrom, tileEnd)} for consecutive panels.
     *
     * @param x the first panel starts at {@code xFrom}, each is {@code [inputs, PANEL]}
     * @param panels at most {@link #CHUNK}
     * @param narrow whether only the first vector of the last panel holds rows
     * @param cold whether the first weights are likely in memory, not in a cache
     * @param nextTile the first tile that this thread likely computes next, or {@link #NOTHING}:
     *     its group is read ahead if {@link #isPacing}
     * @param residual laid out as {@code out}, possibly {@code out} itself; empty for none
     * @param out the first panel starts at {@code outFrom}, each is {@code [outputs, PANEL]}
     * @param scratch of this thread: for a last tile that reaches past the outputs, sums that must
     *     not overwrite the residual too soon, widened weights
     */
    void run(
            float[] x,
            int xFrom,
            int panels,
            boolean narrow,
            boolean cold,
            int tileFrom,
            int tileEnd,
            int nextTile,
            float[] residual,
            float[] out,
            int outFrom,
            float[] scratch) {
        boolean pacing = isPacing(panels);
        boolean fetch = cold && READS_AHEAD;
        int most = Lanes.blocks(tileEnd - tileFrom, Lanes.blocks(tileEnd - tileFrom, GROUP));
        for (int group = tileFrom; group < tileEnd; group += most) {
            int groupEnd = Math.min(group + most, tileEnd);
            for (int from = 0; from < inputs; from += depth) {
                int block = from / depth * tiles();
                if (fetch) {
                    scratch[kept()] = weights.fetch(block + group, groupEnd - group);
                }
                int next = NOTHING;
                if (pacing) {
                    boolean ends = from + depth >= inputs;
                    int after = groupEnd < tileEnd ? groupEnd : nextTile;
                    next = ends ? after : block + tiles() + group;
                    fetch = next == NOTHING;
                }
                for (int panel = 0; panel < panels; panel++) {
                    runGroup(
                            x,
                            xFrom + (panel * inputs + from) * PANEL,
                            panel,
                            narrow && panel == panels - 1,
                            from,
                            group,
                            groupEnd,
                            panel < AHEAD_PANELS ? next : NOTHING,
                            residual,
                            out,
                            outFrom + panel * outputs * PANEL,
                            scratch);
                }
            }
        }
    }

    /** One block of inputs of one panel through the tiles of a group. */
    private void runGroup(
            float[] x,
            int xFrom,
            int panel,
            boolean narrow,
            int from,
            int tileFrom,
            int tileEnd,
            int aheadRun,
            float[] residual,
            float[] out,
            int outFrom,
            float[] scratch) {
        int length = Math.min(depth, inputs - from);
        int block = from / depth * tiles();
        int runs = runs();
        for (int tile = tileFrom; tile < tileEnd; tile++) {
            int slot = tile - tileFrom;
            int run = block + tile;
            int free = SUMS + slot * weights.stride();
            if (panel == 0) {
                weights.open(run, scratch, free);
            }
            int first = tiling.first(tile);
            int size = tiling.size(tile);
            boolean cut = first + size > outputs;
            boolean straight = plain && !cut;
            boolean apart = !straight && (residual == out || cut);
            float[] c = apart ? scratch : out;
            int to = outFrom + first * PANEL;
            int cFrom = apart ? (panel * GROUP + slot) * TILE * PANEL : to;
            float[] sums = from > 0 ? c : straight ? residual : NONE;
            int wFrom = weights.start(run, free);
            int ahead = wFrom;
            if (aheadRun != NOTHING && aheadRun + slot < runs) {
                ahead = (aheadRun + slot) * weights.stride() + panel * length * Tiles.AHEAD;
            }
            int read =
                    Tiles.multiply(
                            weights.floats(scratch),
                            wFrom,
                            x,
                            xFrom,
                            length,
                            from > 0 ? ZEROS : start,
                            from > 0 ? 0 : first,
                            sums,
                            cFrom,
                            c,
                            cFrom,
                            size,
                            narrow,
                            ahead);
            scratch[kept()] = read;
            if (from + length == inputs && !straight) {
                finish(tile, narrow, c, cFrom, residual, out, to);
            }
        }
    }

    private void finish(
            int tile, boolean narrow, float[] c, int cFrom, float[] residual, float[] out, int to) {
        int first = tiling.first(tile);
        int rows = Math.min(tiling.size(tile), outputs - first);
        if (channels.length > 0) {
            Epilogue.scaleAndShift(c, cFrom, rows, narrow, channels, bias, first);
        }
        activation.apply(c, cFrom, rows, narrow ? 2 : 1);
        if (residual.length > 0) {
            Epilogue.addScaled(c, cFrom, rows, narrow, scale, first, residual, out, to);
        } else if (scaled) {
            Epilogue.scale(c, cFrom, rows, narrow, scale, first, out, to);
        } else if (c != out) {
            System.arraycopy(c, cFrom, out, to, rows * PANEL);
        }
    }
}
