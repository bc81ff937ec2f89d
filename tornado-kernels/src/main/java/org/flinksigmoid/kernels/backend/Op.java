package org.flinksigmoid.kernels.backend;

import java.util.Optional;
import java.util.OptionalInt;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * One step of a {@link Program}. Slots are named by their ids; parameters are tensors that live at
 * least as long as {@link Backend#prepare} runs (a backend packs its own copies). Every operation
 * works on each sequence alone: no row ever depends on another sequence of its batch.
 */
public sealed interface Op {
    /**
     * {@code out[r] = table[id[r]]}, for the batch's token ids.
     *
     * @param table {@code [vocabulary, width]}
     */
    record Embed(int out, Tensor table) implements Op {}

    /**
     * {@code slot[r] += table[p]}, where p is the row's index in its sequence.
     *
     * @param table {@code [positions, width]}, learned or sinusoidal
     */
    record AddPosition(int slot, Tensor table) implements Op {}

    /**
     * {@code out[t] = act(bias + sum_{k,c} weight[:, c, k] in[stride t + k - padding, c])} within
     * each sequence, zero outside it. A sequence of L rows becomes {@code (L + 2 padding - kernel)
     * / stride + 1} rows, none if L is 0.
     *
     * @param weight {@code [out, in, kernel]}
     * @param bias {@code [out]}
     */
    record Conv1d(
            int in,
            int out,
            Tensor weight,
            Optional<Tensor> bias,
            int stride,
            int padding,
            Activation activation)
            implements Op {
        /** Taps of the filter. */
        public int kernel() {
            return (int) weight.shape().dimension(2);
        }

        /** Rows that a sequence of {@code length} rows comes out with. */
        public int outputLength(int length) {
            int span = length + 2 * padding - kernel();
            return length == 0 || span < 0 ? 0 : span / stride + 1;
        }
    }

    /**
     * {@code out = gain (in - mean) / sqrt(variance + eps) + bias} per row (Ba et al., arXiv
     * 1607.06450). {@code in} and {@code out} may be the same slot.
     *
     * @param gain {@code [width]}
     * @param bias {@code [width]}
     */
    record LayerNorm(int in, int out, Tensor gain, Optional<Tensor> bias, float eps)
            implements Op {}

    /**
     * {@code out = residual + scale * act(in weight^T + bias)}; without {@code residual} or {@code
     * scale} these terms fall away. {@code residual} may be {@code out}; {@code in} may not.
     *
     * @param weight {@code [out width, in width]}
     * @param bias {@code [out width]}
     * @param scale LayerScale's factors, {@code [out width]} (Touvron et al., arXiv 2103.17239)
     */
    record Linear(
            int in,
            int out,
            Tensor weight,
            Optional<Tensor> bias,
            Activation activation,
            Optional<Tensor> scale,
            OptionalInt residual)
            implements Op {}

    /**
     * QK norm, in place: layer norm with gain and no bias over each head's {@code headDim} columns,
     * which start at {@code column} (Dehghani et al., arXiv 2302.05442).
     *
     * @param gain {@code [headDim]}
     */
    record HeadNorm(int slot, int column, int heads, int headDim, Tensor gain, float eps)
            implements Op {}

    /**
     * RoPE, in place (Su et al., arXiv 2104.09864): columns j and j + headDim/2 of each head turn
     * by {@code p theta^(-2j/headDim)}, p the row's index in its sequence.
     */
    record Rotary(int slot, int column, int heads, int headDim, double theta) implements Op {}

    /**
     * Multi-head attention within each sequence. Queries, keys and values are the {@code
     * spec.width()} columns that start at {@code *Column} of {@code in}, a fused projection.
     */
    record Attention(
            AttentionSpec spec, int in, int queryColumn, int keyColumn, int valueColumn, int out)
            implements Op {}

    /**
     * {@code slot += scale * in}.
     *
     * @param scale LayerScale's factors, {@code [width]}
     */
    record ResidualAdd(int in, int slot, Optional<Tensor> scale) implements Op {}

    /** One row per sequence from its rows; a sequence without rows gives zeros. */
    record Pool(int in, int out, Pooling kind) implements Op {}

    /** A function of each whole row. {@code in} and {@code out} may be the same slot. */
    record RowFunction(int in, int out, RowKind kind) implements Op {}

    /** How {@link Pool} makes one row of many. */
    enum Pooling {
        /** Their mean. */
        MEAN,
        /** The first. */
        FIRST,
        /** The largest of each column. */
        MAX
    }

    /** What {@link RowFunction} computes. */
    enum RowKind {
        /** {@code x - log sum exp x}. */
        LOG_SOFTMAX,
        /** {@code exp x / sum exp x}. */
        SOFTMAX,
        /** {@code 1 / (1 + exp(-x))} of each element. */
        SIGMOID,
        /** {@code x / |x|}; a zero row stays zero. */
        L2_NORMALIZE
    }
}
