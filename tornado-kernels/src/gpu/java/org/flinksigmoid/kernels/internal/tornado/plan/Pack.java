package org.flinksigmoid.kernels.internal.tornado.plan;

import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** Parameters as the kernels want them, before they go to the device. */
final class Pack {
    private Pack() {}

    /** {@code [out, in]} as {@code [in, out]}. */
    static float[] transposed(float[] weight, int out, int in) {
        float[] packed = new float[Math.multiplyExact(out, in)];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                packed[i * out + o] = weight[o * in + i];
            }
        }
        return packed;
    }

    /** {@code [out, in, taps]} as {@code [out, taps * in]}, taps outermost. */
    static float[] tapsFirst(float[] weight, int out, int in, int taps) {
        float[] packed = new float[weight.length];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                for (int t = 0; t < taps; t++) {
                    packed[(o * taps + t) * in + i] = weight[(o * in + i) * taps + t];
                }
            }
        }
        return packed;
    }

    /** {@code [positions, headDim]}: cosines of each position's angles, then sines. */
    static float[] turns(Program program, Op.Rotary op) {
        int stage = program.slot(op.slot()).stage();
        int positions = program.stages(RaggedBatch.ofLengths(program.maxRows())).get(stage).rows();
        int headDim = op.headDim();
        double theta = op.theta();
        int half = headDim / 2;
        float[] turns = new float[Math.multiplyExact(positions, headDim)];
        for (int j = 0; j < half; j++) {
            double frequency = Math.pow(theta, -2.0 * j / headDim);
            for (int p = 0; p < positions; p++) {
                turns[p * headDim + j] = (float) Math.cos(p * frequency);
                turns[p * headDim + half + j] = (float) Math.sin(p * frequency);
            }
        }
        return turns;
    }

    /** ALiBi's slopes. */
    static float[] slopes(int heads) {
        float[] slopes = new float[heads];
        for (int head = 0; head < heads; head++) {
            slopes[head] = AttentionSpec.alibiSlope(head, heads);
        }
        return slopes;
    }
}
