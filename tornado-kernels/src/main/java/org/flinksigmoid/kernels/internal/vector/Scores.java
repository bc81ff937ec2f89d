package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * What happens to a block of attention logits between the two products: {@code scores [keys,
 * PANEL]}, a query a lane, at most 16 KB and in L1. Every function works on one vector of queries,
 * {@code half} 0 or 1 of the panel; arrays of one float a query start at {@code half * LENGTH}.
 */
final class Scores {
    /** Stands for minus infinity where an infinity would make a NaN. */
    static final float LOWEST = -1e30f;

    private static final int PANEL = Lanes.PANEL;
    private static final int LENGTH = Lanes.LENGTH;

    private Scores() {}

    /** {@code 1 / (1 + 2^(s + offset))}: with s and offset negated, the sigmoid to base 2. */
    static void sigmoid(float[] scores, int rows, int half, float[] offsets) {
        FloatVector offset = load(offsets, half * LENGTH);
        FloatVector one = VectorMath.broadcast(1);
        for (int r = 0; r < rows; r++) {
            int at = r * PANEL + half * LENGTH;
            FloatVector exp = VectorMath.exp2(load(scores, at).add(offset));
            one.div(exp.add(1f)).intoArray(scores, at);
        }
    }

    /** {@code s += slope |query - key|}, keys counted from {@code key}, queries in {@code at}. */
    static void addDistance(
            float[] scores, int rows, int half, float[] positions, int key, float slope) {
        FloatVector position = load(positions, half * LENGTH);
        for (int r = 0; r < rows; r++) {
            int at = r * PANEL + half * LENGTH;
            FloatVector distance = position.sub(key + r).abs();
            distance.fma(VectorMath.broadcast(slope), load(scores, at)).intoArray(scores, at);
        }
    }

    /** {@code s = value} wherever a query may not see the key. */
    static void hide(
            float[] scores,
            int rows,
            int half,
            float[] begins,
            float[] ends,
            int key,
            float value) {
        FloatVector begin = load(begins, half * LENGTH);
        FloatVector end = load(ends, half * LENGTH);
        for (int r = 0; r < rows; r++) {
            int at = r * PANEL + half * LENGTH;
            VectorMask<Float> hidden =
                    begin.compare(VectorOperators.GT, key + r)
                            .or(end.compare(VectorOperators.LE, key + r));
            load(scores, at).blend(value, hidden).intoArray(scores, at);
        }
    }

    /**
     * The online softmax's first half: raises {@code maxima} to those of this block and leaves in
     * {@code factors} what earlier sums have to be multiplied with.
     */
    static void raiseMaxima(float[] scores, int rows, int half, float[] maxima, float[] factors) {
        FloatVector before = load(maxima, half * LENGTH);
        FloatVector max = before;
        for (int r = 0; r < rows; r++) {
            FloatVector s = load(scores, r * PANEL + half * LENGTH);
            max = max.blend(s, s.compare(VectorOperators.GT, max));
        }
        max.intoArray(maxima, half * LENGTH);
        VectorMath.exp2(before.sub(max)).intoArray(factors, half * LENGTH);
    }

    /** {@code s = 2^(s - max)}. */
    static void exponentials(float[] scores, int rows, int half, float[] maxima) {
        FloatVector max = load(maxima, half * LENGTH);
        for (int r = 0; r < rows; r++) {
            int at = r * PANEL + half * LENGTH;
            VectorMath.exp2(load(scores, at).sub(max)).intoArray(scores, at);
        }
    }

    /** {@code sum = sum factor + the block's sum}. */
    static void addUp(float[] scores, int rows, int half, float[] sums, float[] factors) {
        FloatVector sum = VectorMath.broadcast(0);
        for (int r = 0; r < rows; r++) {
            sum = sum.add(load(scores, r * PANEL + half * LENGTH));
        }
        load(sums, half * LENGTH)
                .fma(load(factors, half * LENGTH), sum)
                .intoArray(sums, half * LENGTH);
    }

    /** {@code o[r, :] *= factor} for all rows of a panel. */
    static void multiply(float[] o, int rows, int half, float[] factors) {
        FloatVector factor = load(factors, half * LENGTH);
        for (int r = 0; r < rows; r++) {
            int at = r * PANEL + half * LENGTH;
            load(o, at).mul(factor).intoArray(o, at);
        }
    }

    private static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(Lanes.FLOATS, array, at);
    }
}
