package org.flinksigmoid.kernels.attention;

/**
 * {@code o_i = sum_j sigmoid(scale * q_i . k_j + alibi + b) v_j}: sigmoid self-attention (Ramapuram
 * et al., arXiv 2409.04431, equation 3). It has no row maximum and no row sum.
 *
 * @param heads number of heads
 * @param headDim width of one head
 * @param scale factor on {@code q . k}
 * @param bias what is added to every logit
 * @param mask which keys a query may attend to
 * @param alibi whether ALiBi's distance penalty is added to the logits
 */
public record SigmoidAttention(
        int heads, int headDim, float scale, Bias bias, Mask mask, boolean alibi)
        implements AttentionSpec {
    public SigmoidAttention {
        AttentionChecks.requireValid(heads, headDim, scale, mask);
        if (bias == null) {
            throw new IllegalArgumentException("attention.bias: expected a bias, found none");
        }
    }
}
