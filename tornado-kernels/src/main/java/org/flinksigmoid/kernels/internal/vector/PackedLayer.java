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
 * load; partial sums wait in {@code out}. Weights come from L2 or L3 at 4 bytes a cycle, which
 * their sequential order lets the prefetcher hide: blocking for L2 as well measured no faster.
 */
final class PackedLayer {
    /** Most inputs summed between two visits to {@code out}. */
    private static final int DEPTH = 384;

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
        for (int o = 0; o < outputs; o++) {
            int to = o / TILE * inputs * TILE + o % TILE;
            for (int i = 0; i < inputs; i++) {
                packed[to + i * TILE] = weight[o * inputs + i];
            }
        }
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

    /** Floats of the scratch that {@link #run} needs. */
    int scratch() {
        return tiles() * TILE * PANEL;
    }

    /**
     * Computes tiles {@code [tileFrom, tileEnd)} for one panel.
     *
     * @param x the panel starts at {@code xFrom}, {@code [inputs, PANEL]}
     * @param narrow whether only the panel's first vector holds rows
     * @param residual laid out as {@code out}, possibly {@code out} itself; empty for none
     * @param out the panel starts at {@code outFrom}, {@code [outputs, PANEL]}
     * @param sums scratch of this thread, for a last tile that reaches past the outputs and for
     *     sums that must not overwrite the residual too soon
     */
    void run(
            float[] x,
            int xFrom,
            boolean narrow,
            int tileFrom,
            int tileEnd,
            float[] residual,
            float[] out,
            int outFrom,
            float[] sums) {
        int blocks = Lanes.blocks(inputs, DEPTH);
        int depth = Lanes.blocks(inputs, blocks);
        boolean inPlace = residual == out;
        for (int from = 0; from < inputs; from += depth) {
            int length = Math.min(depth, inputs - from);
            for (int tile = tileFrom; tile < tileEnd; tile++) {
                boolean apart = inPlace || (tile + 1) * TILE > outputs;
                float[] c = apart ? sums : out;
                int cFrom =
                        apart ? (tile - tileFrom) * TILE * PANEL : outFrom + tile * TILE * PANEL;
                multiply(tile, from, length, x, xFrom, narrow, c, cFrom);
                if (from + length == inputs) {
                    finish(tile, narrow, c, cFrom, residual, out, outFrom);
                }
            }
        }
    }

    private void multiply(
            int tile,
            int from,
            int length,
            float[] x,
            int xFrom,
            boolean narrow,
            float[] c,
            int cFrom) {
        Tiles.multiply(
                packed,
                (tile * inputs + from) * TILE,
                x,
                xFrom + from * PANEL,
                length,
                c,
                cFrom,
                from > 0,
                narrow);
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
