package org.flinksigmoid.kernels.internal.vector;

import java.util.Arrays;
import java.util.Optional;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * A weight matrix packed for {@link Tiles}, with all that follows its product: {@code out =
 * residual + scale act(x W^T + bias)} for one panel of rows. Immutable.
 *
 * <p>Blocking: a block of at most {@link #DEPTH} inputs of a panel (48 KB with AVX-512, 24 KB with
 * AVX2) stays in L1 while all tiles of weights stream past it, each used for 2 x TILE products a
 * load; partial sums wait in {@code out}. Weights lie in the order of their use, {@code [block of
 * inputs, tile, inputs of the block, TILE]}. From L2 or L3 they come fast enough, 4 bytes a cycle;
 * from memory they don't, so the first panel {@link #touch touches} each tile ahead of its use.
 */
final class PackedLayer {
    /** Most inputs summed between two visits to {@code out}. */
    private static final int DEPTH = 384;

    /** Floats of a cache line. */
    private static final int LINE = 16;

    private static final int TILE = Lanes.TILE;
    private static final int PANEL = Lanes.PANEL;

    private final int outputs;
    private final int inputs;
    private final float[] packed;
    private final float[] bias;
    private final float[] scale;
    private final boolean scaled;
    private final TileActivation activation;

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
            Optional<Tensor> scale) {
        this.outputs = outputs;
        this.inputs = weight.length / outputs;
        this.activation = TileActivation.of(activation);
        this.scaled = scale.isPresent();
        int padded = tiles() * TILE;
        this.bias = Arrays.copyOf(bias.map(Tensor::toFloats).orElse(new float[0]), padded);
        float[] ones = new float[padded];
        Arrays.fill(ones, 1);
        this.scale = Arrays.copyOf(scale.map(Tensor::toFloats).orElse(ones), padded);
        this.packed = new float[Math.multiplyExact(padded, inputs)];
        int depth = depth();
        for (int from = 0; from < inputs; from += depth) {
            int length = Math.min(depth, inputs - from);
            for (int o = 0; o < outputs; o++) {
                int to = at(from, length, o / TILE) + o % TILE;
                for (int i = 0; i < length; i++) {
                    packed[to + i * TILE] = weight[o * inputs + from + i];
                }
            }
        }
    }

    /** Inputs of a block; the last may have fewer. */
    private int depth() {
        return Lanes.blocks(inputs, Lanes.blocks(inputs, DEPTH));
    }

    /** Where a tile of the block of {@code length} inputs from {@code from} on starts. */
    private int at(int from, int length, int tile) {
        return (from * tiles() + tile * length) * TILE;
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

    /** Floats of the scratch that {@link #run} needs: sums, and one that takes what was touched. */
    int scratch() {
        return tiles() * TILE * PANEL + 1;
    }

    /**
     * Computes tiles {@code [tileFrom, tileEnd)} for one panel.
     *
     * @param x the panel starts at {@code xFrom}, {@code [inputs, PANEL]}
     * @param narrow whether only the panel's first vector holds rows
     * @param cold whether the weights are likely in memory, not in a cache
     * @param residual laid out as {@code out}, possibly {@code out} itself; empty for none
     * @param out the panel starts at {@code outFrom}, {@code [outputs, PANEL]}
     * @param sums scratch of this thread, for a last tile that reaches past the outputs and for
     *     sums that must not overwrite the residual too soon
     */
    void run(
            float[] x,
            int xFrom,
            boolean narrow,
            boolean cold,
            int tileFrom,
            int tileEnd,
            float[] residual,
            float[] out,
            int outFrom,
            float[] sums) {
        int depth = depth();
        boolean inPlace = residual == out;
        for (int from = 0; from < inputs; from += depth) {
            int length = Math.min(depth, inputs - from);
            for (int tile = tileFrom; tile < tileEnd; tile++) {
                if (cold) {
                    int next = at(from, length, tile + 1);
                    int end = Math.min(next + length * TILE, packed.length);
                    sums[sums.length - 1] = touch(packed, next, end);
                }
                boolean apart = inPlace || (tile + 1) * TILE > outputs;
                float[] c = apart ? sums : out;
                int cFrom =
                        apart ? (tile - tileFrom) * TILE * PANEL : outFrom + tile * TILE * PANEL;
                Tiles.multiply(
                        packed,
                        at(from, length, tile),
                        x,
                        xFrom + from * PANEL,
                        length,
                        c,
                        cFrom,
                        from > 0,
                        narrow);
                if (from + length == inputs) {
                    finish(tile, narrow, c, cFrom, residual, out, outFrom);
                }
            }
        }
    }

    /**
     * Reads a number of every cache line, as many lines at once as the processor can wait for: 39
     * GB/s from memory where a tile's own loads draw 16 at most.
     */
    private static float touch(float[] w, int from, int end) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int i = from; i + 3 * LINE < end; i += 4 * LINE) {
            a += w[i];
            b += w[i + LINE];
            c += w[i + 2 * LINE];
            d += w[i + 3 * LINE];
        }
        return a + b + c + d;
    }

    private void finish(
            int tile,
            boolean narrow,
            float[] c,
            int cFrom,
            float[] residual,
            float[] out,
            int outFrom) {
        int first = tile * TILE;
        int rows = Math.min(TILE, outputs - first);
        int to = outFrom + first * PANEL;
        activation.apply(c, cFrom, rows, narrow ? 2 : 1, bias, first);
        if (residual.length > 0) {
            Epilogue.addScaled(c, cFrom, rows, narrow, scale, first, residual, out, to);
        } else if (scaled) {
            Epilogue.scale(c, cFrom, rows, narrow, scale, first, out, to);
        } else if (c != out) {
            System.arraycopy(c, cFrom, out, to, rows * PANEL);
        }
    }
}
