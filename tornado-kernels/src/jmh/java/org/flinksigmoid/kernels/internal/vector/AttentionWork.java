package org.flinksigmoid.kernels.internal.vector;

import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.bench.Agreement;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** One head of sigmoid attention over random operands, fused and unfused, results compared. */
final class AttentionWork {
    private final int headDim;
    private final int n;
    private final AttentionKernel fused;
    private final UnfusedAttention unfused;
    private final RaggedBatch batch;
    private final float[] q;
    private final float[] k;
    private final float[] v;
    private final float[] out;

    AttentionWork(int headDim, int n) {
        this.headDim = headDim;
        this.n = n;
        RandomArrays random = new RandomArrays(1);
        batch = RaggedBatch.ofLengths(n);
        q = random.normal(n * headDim, 1);
        k = random.normal(n * headDim, 1);
        v = random.normal(n * headDim, 1);
        out = new float[n * headDim];
        SigmoidAttention spec =
                new SigmoidAttention(
                        1,
                        headDim,
                        (float) (1 / Math.sqrt(headDim)),
                        new Bias.NegativeLogN(),
                        Mask.NONE,
                        false);
        fused = new VectorBackend(1, WeightFormat.FLOAT).attention(spec);
        unfused = new UnfusedAttention(n, headDim);
        Agreement.require(fused().clone(), unfused());
    }

    /** Never an n x n matrix. */
    float[] fused() {
        fused.run(batch, batch, q, k, v, out);
        return out;
    }

    /** Three sweeps over an n x n matrix. */
    float[] unfused() {
        unfused.run(q, k, v, out);
        return out;
    }

    /** Floating point operations of the two products. */
    double operations() {
        return 4.0 * n * n * headDim;
    }
}
