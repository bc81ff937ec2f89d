package org.flinksigmoid.kernels.internal.scalar;

import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.internal.interpret.InputChecks;
import org.flinksigmoid.kernels.internal.interpret.Workspace;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * {@code o_i = sum_j p(scale q_i . k_j - slope |i - j|) v_j} with p the sigmoid (bias added) or the
 * softmax: one query at a time, O(n^2 d) time, O(n) scratch.
 */
final class ScalarAttention implements AttentionKernel {
    private final AttentionSpec spec;
    private float[] weights = new float[0];

    ScalarAttention(AttentionSpec spec) {
        this.spec = spec;
    }

    @Override
    public void run(
            RaggedBatch queries, RaggedBatch keys, float[] q, float[] k, float[] v, float[] out) {
        int width = spec.width();
        InputChecks.requireAttention(width, queries, keys, q, k, v, out);
        run(queries, keys, q, 0, k, 0, v, 0, width, out);
    }

    /** Rows of q, k and v are {@code stride} apart and start at a column; {@code out} is dense. */
    void run(
            RaggedBatch queries,
            RaggedBatch keys,
            float[] q,
            int queryColumn,
            float[] k,
            int keyColumn,
            float[] v,
            int valueColumn,
            int stride,
            float[] out) {
        weights = Workspace.grown(weights, keys.maxLength());
        for (int s = 0; s < queries.size(); s++) {
            for (int head = 0; head < spec.heads(); head++) {
                int column = head * spec.headDim();
                int keyFrom = keys.offset(s) * stride + keyColumn + column;
                int valueFrom = keys.offset(s) * stride + valueColumn + column;
                for (int i = 0; i < queries.length(s); i++) {
                    int row = queries.offset(s) + i;
                    int begin = Math.min(spec.mask().firstKey(i), keys.length(s));
                    int end = Math.max(begin, spec.mask().endKey(i, keys.length(s)));
                    int queryFrom = row * stride + queryColumn + column;
                    logits(q, queryFrom, k, keyFrom, stride, head, i, begin, end);
                    probabilities(begin, end);
                    weigh(v, valueFrom, stride, begin, end, out, row * spec.width() + column);
                }
            }
        }
    }

    private void logits(
            float[] q,
            int queryFrom,
            float[] k,
            int keyFrom,
            int stride,
            int head,
            int i,
            int begin,
            int end) {
        float slope = spec.alibi() ? AttentionSpec.alibiSlope(head, spec.heads()) : 0;
        for (int j = begin; j < end; j++) {
            float dot = 0;
            for (int d = 0; d < spec.headDim(); d++) {
                dot += q[queryFrom + d] * k[keyFrom + j * stride + d];
            }
            float logit = spec.scale() * dot;
            weights[j] = spec.alibi() ? logit - slope * Math.abs(i - j) : logit;
        }
    }

    private void probabilities(int begin, int end) {
        switch (spec) {
            case SigmoidAttention sigmoid -> {
                float bias =
                        switch (sigmoid.bias()) {
                            case Bias.Fixed fixed -> fixed.value();
                            case Bias.NegativeLogN none -> (float) -Math.log(end - begin);
                        };
                for (int j = begin; j < end; j++) {
                    weights[j] = (float) ScalarFunctions.sigmoid(weights[j] + bias);
                }
            }
            case SoftmaxAttention softmax -> {
                float max = Float.NEGATIVE_INFINITY;
                for (int j = begin; j < end; j++) {
                    max = Math.max(max, weights[j]);
                }
                float sum = 0;
                for (int j = begin; j < end; j++) {
                    weights[j] = (float) Math.exp(weights[j] - max);
                    sum += weights[j];
                }
                for (int j = begin; j < end; j++) {
                    weights[j] /= sum;
                }
            }
        }
    }

    private void weigh(
            float[] v, int valueFrom, int stride, int begin, int end, float[] out, int to) {
        for (int d = 0; d < spec.headDim(); d++) {
            float sum = 0;
            for (int j = begin; j < end; j++) {
                sum += weights[j] * v[valueFrom + j * stride + d];
            }
            out[to + d] = sum;
        }
    }

    @Override
    public void close() {
        // Heap memory only.
    }
}
