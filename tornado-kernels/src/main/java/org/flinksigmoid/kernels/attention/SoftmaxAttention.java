package org.flinksigmoid.kernels.attention;

/**
 * {@code o_i = sum_j softmax_j(scale * q_i . k_j + alibi) v_j} (Vaswani et al., arXiv 1706.03762,
 * equation 1): the attention of BERT-family checkpoints. A query that may see no key gets zeros.
 *
 * @param heads number of heads
 * @param headDim width of one head
 * @param scale factor on {@code q . k}
 * @param mask which keys a query may attend to
 * @param alibi whether ALiBi's distance penalty is added to the logits
 */
public record SoftmaxAttention(int heads, int headDim, float scale, Mask mask, boolean alibi)
        implements AttentionSpec {
    public SoftmaxAttention {
        AttentionChecks.requireValid(heads, headDim, scale, mask);
    }
}
