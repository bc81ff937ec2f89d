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
 * <p>Blocking: a block of at most {@link #DEPTH} inputs of a panel (32 KB with AVX-512, 16 KB with
 * AVX2) stays in L1 while a group of tiles of weights streams past it from L2 (128 KB), each used
 * for 2 x TILE products a load. The group serves all panels of the chunk before the next is read,
 * so that weights come from memory, or from a cache that others use too, once a chunk; partial sums
 * wait in {@code out}. Weights lie in the order of their use, {@code [block of inputs, tile, inputs
 * of the block, TILE]}. From L2 they come fast enough, 4 bytes a cycle; from memory they don't, so
 * a group is fetched at once before its first product ({@link TileWeights#fetch}). With {@code
 * INT8} the sums are multiplied by their channels' scales before anything else.
 */
final class PackedLayer {
    /** Most inputs summed between two visits to {@code out}. */
    private static final int DEPTH = 256;

    /** Most panels of a chunk: a block of its inputs takes 512 KB of L2 beside the weights. */
    static final int CHUNK = 16;

    /** Tiles of a group. */
    static final int GROUP = 16;

    private static final int TILE = Lanes.TILE;
    private static final int PANEL = Lanes.PANEL;

    /** Floats of the scratch's sums. */
    private static final int SUMS = CHUNK * GROUP * TILE * PANEL;

    private static final float[] NONE = {};

    private final int outputs;
    private final int inputs;
    private final TileWeights weights;
    private final float[] channels;
    private final float[] bias;
    private final float[] scale;
    private final boolean scaled;
    private final TileActivation activation;

    /** Whether nothing but the bias and a residual goes with the product: the tile adds both. */
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
        this.activation = TileActivation.of(activation);
        this.scaled = scale.isPresent();
        int padded = tiles() * TILE;
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
        int depth = depth();
        int unit = TileWeights.unit(format);
        int stride = Lanes.blocks(depth * TILE, unit) * unit;
        int count = Math.multiplyExact(Lanes.blocks(inputs, depth), tiles());
        float[] runs = new float[Math.multiplyExact(count, stride)];
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < inputs; i++) {
                int run = i / depth * tiles() + o / TILE;
                runs[run * stride + i % depth * TILE + o % TILE] = weight[o * inputs + i];
            }
        }
        return TileWeights.of(format, runs, stride);
    }

    /** Inputs of a block; the last may have fewer. */
    private int depth() {
        return Lanes.blocks(inputs, Lanes.blocks(inputs, DEPTH));
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
        return Lanes.blocks(outputs, TILE);
    }

    /** Floats of the scratch that {@link #run} needs: sums and a group of weights. */
    int scratch() {
        return SUMS + GROUP * weights.stride();
    }

    /**
     * Computes tiles {@code [tileFrom, tileEnd)} for consecutive panels.
     *
     * @param x the first panel starts at {@code xFrom}, each is {@code [inputs, PANEL]}
     * @param panels at most {@link #CHUNK}
     * @param narrow whether only the first vector of the last panel holds rows
     * @param cold whether the weights are likely in memory, not in a cache
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
            float[] residual,
            float[] out,
            int outFrom,
            float[] scratch) {
        int depth = depth();
        for (int group = tileFrom; group < tileEnd; group += GROUP) {
            int groupEnd = Math.min(group + GROUP, tileEnd);
            for (int from = 0; from < inputs; from += depth) {
                if (cold) {
                    int run = from / depth * tiles() + group;
                    scratch[SUMS] = weights.fetch(run, groupEnd - group);
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
            float[] residual,
            float[] out,
            int outFrom,
            float[] scratch) {
        int length = Math.min(depth(), inputs - from);
        for (int tile = tileFrom; tile < tileEnd; tile++) {
            int slot = tile - tileFrom;
            int run = from / depth() * tiles() + tile;
            int free = SUMS + slot * weights.stride();
            if (panel == 0) {
                weights.open(run, scratch, free);
            }
            boolean cut = (tile + 1) * TILE > outputs;
            boolean apart = residual == out || cut;
            float[] c = apart ? scratch : out;
            int to = outFrom + tile * TILE * PANEL;
            int cFrom = apart ? (panel * GROUP + slot) * TILE * PANEL : to;
            boolean last = from + length == inputs;
            boolean straight = last && plain && !cut;
            Tiles.multiply(
                    weights.floats(scratch),
                    weights.start(run, free),
                    x,
                    xFrom,
                    length,
                    from > 0 ? c : start,
                    from > 0 ? cFrom : tile * TILE,
                    from > 0,
                    straight ? residual : NONE,
                    straight ? out : c,
                    straight ? to : cFrom,
                    narrow);
            if (last && !straight) {
                finish(tile, narrow, c, cFrom, residual, out, to);
            }
        }
    }

    private void finish(
            int tile, boolean narrow, float[] c, int cFrom, float[] residual, float[] out, int to) {
        int first = tile * TILE;
        int rows = Math.min(TILE, outputs - first);
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
