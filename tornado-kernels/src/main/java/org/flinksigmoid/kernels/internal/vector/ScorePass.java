package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;

/**
 * One sweep over a block of attention logits between the two products, on one vector of queries:
 * {@code half} 0 or 1 of the panel. Logits are to base 2.
 *
 * <p>Objects rather than static methods so that C2 does not pull them all into one compilation,
 * where it runs out of inlining budget and boxes vectors ({@code AllocationTest} watches this).
 */
sealed interface ScorePass {
    /** Sweeps {@code block.rows} rows. */
    void apply(ScoreBlock block, int half);

    /**
     * The passes that turn a mechanism's products into weights.
     *
     * @param cut whether some of the block's keys are hidden from some queries
     */
    static ScorePass[] of(AttentionSpec spec, boolean cut) {
        ScorePass[] distance = spec.alibi() ? new ScorePass[] {new Distance()} : new ScorePass[0];
        ScorePass[] weights =
                switch (spec) {
                    case SigmoidAttention sigmoid when cut ->
                            new ScorePass[] {new Sigmoid(), new Hide(0)};
                    case SigmoidAttention sigmoid -> new ScorePass[] {new Sigmoid()};
                    case SoftmaxAttention softmax when cut ->
                            new ScorePass[] {
                                new Hide(ScoreBlock.LOWEST),
                                new Maxima(),
                                new Exponentials(),
                                new Hide(0),
                                new Totals(),
                                new Rescale()
                            };
                    case SoftmaxAttention softmax ->
                            new ScorePass[] {new Maxima(), new Weights(), new Rescale()};
                };
        ScorePass[] all = new ScorePass[distance.length + weights.length];
        System.arraycopy(distance, 0, all, 0, distance.length);
        System.arraycopy(weights, 0, all, distance.length, weights.length);
        return all;
    }

    private static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(Lanes.FLOATS, array, at);
    }

    /** ALiBi: {@code s += slope |query - key|}. */
    record Distance() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            float[] scores = block.scores;
            int at = half * Lanes.LENGTH;
            FloatVector position = load(block.positions, at).sub(block.key);
            FloatVector slope = VectorMath.broadcast(block.slope);
            for (int r = 0; r < block.rows; r++) {
                VectorMath.abs(position.sub(r))
                        .fma(slope, load(scores, at + r * Lanes.PANEL))
                        .intoArray(scores, at + r * Lanes.PANEL);
            }
        }
    }

    /** {@code s = 1 / (1 + 2^(s + offset))}: with both negated, the sigmoid. */
    record Sigmoid() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            float[] scores = block.scores;
            int at = half * Lanes.LENGTH;
            FloatVector offset = load(block.offsets, at);
            FloatVector one = VectorMath.broadcast(1);
            for (int r = 0; r < block.rows; r++) {
                FloatVector exp = VectorMath.exp2(load(scores, at + r * Lanes.PANEL).add(offset));
                one.div(exp.add(one)).intoArray(scores, at + r * Lanes.PANEL);
            }
        }
    }

    /**
     * {@code s = value} wherever a query may not see the key, by bits: {@code s ^ fill} survives
     * where both {@code begin - 1 - key} and {@code key - end} are negative.
     */
    record Hide(float value) implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            float[] scores = block.scores;
            int at = half * Lanes.LENGTH;
            IntVector begin = IntVector.fromArray(Lanes.INTS, block.begins, at).sub(block.key + 1);
            IntVector end = IntVector.fromArray(Lanes.INTS, block.ends, at).sub(block.key);
            IntVector fill = IntVector.broadcast(Lanes.INTS, Float.floatToRawIntBits(value));
            for (int r = 0; r < block.rows; r++) {
                IntVector row = IntVector.broadcast(Lanes.INTS, r);
                IntVector visible =
                        begin.sub(row).and(row.sub(end)).lanewise(VectorOperators.ASHR, 31);
                load(scores, at + r * Lanes.PANEL)
                        .reinterpretAsInts()
                        .lanewise(VectorOperators.XOR, fill)
                        .and(visible)
                        .lanewise(VectorOperators.XOR, fill)
                        .reinterpretAsFloats()
                        .intoArray(scores, at + r * Lanes.PANEL);
            }
        }
    }

    /**
     * The online softmax's first half: raises the maxima to those of this block and leaves in the
     * factors what earlier sums have to be multiplied with.
     */
    record Maxima() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            float[] scores = block.scores;
            int at = half * Lanes.LENGTH;
            FloatVector max = load(block.maxima, at);
            for (int r = 0; r < block.rows; r++) {
                FloatVector s = load(scores, at + r * Lanes.PANEL);
                max = max.blend(s, s.compare(VectorOperators.GT, max));
            }
            VectorMath.exp2(load(block.maxima, at).sub(max)).intoArray(block.factors, at);
            max.intoArray(block.maxima, at);
        }
    }

    /** {@code s = 2^(s - max)}. */
    record Exponentials() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            float[] scores = block.scores;
            int at = half * Lanes.LENGTH;
            FloatVector max = load(block.maxima, at);
            for (int r = 0; r < block.rows; r++) {
                VectorMath.exp2(load(scores, at + r * Lanes.PANEL).sub(max))
                        .intoArray(scores, at + r * Lanes.PANEL);
            }
        }
    }

    /** {@link Exponentials} and {@link Totals} in one sweep, where no key is hidden. */
    record Weights() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            float[] scores = block.scores;
            int at = half * Lanes.LENGTH;
            FloatVector max = load(block.maxima, at);
            FloatVector sum = VectorMath.broadcast(0);
            for (int r = 0; r < block.rows; r++) {
                FloatVector p = VectorMath.exp2(load(scores, at + r * Lanes.PANEL).sub(max));
                sum = sum.add(p);
                p.intoArray(scores, at + r * Lanes.PANEL);
            }
            load(block.totals, at).fma(load(block.factors, at), sum).intoArray(block.totals, at);
        }
    }

    /** {@code total = total factor + the block's sum}. */
    record Totals() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            float[] scores = block.scores;
            int at = half * Lanes.LENGTH;
            FloatVector sum = VectorMath.broadcast(0);
            for (int r = 0; r < block.rows; r++) {
                sum = sum.add(load(scores, at + r * Lanes.PANEL));
            }
            load(block.totals, at).fma(load(block.factors, at), sum).intoArray(block.totals, at);
        }
    }

    /** {@code o *= factor} for the results so far. */
    record Rescale() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            float[] sums = block.sums;
            int at = half * Lanes.LENGTH;
            FloatVector factor = load(block.factors, at);
            for (int r = 0; r < block.headDim; r++) {
                load(sums, at + r * Lanes.PANEL).mul(factor).intoArray(sums, at + r * Lanes.PANEL);
            }
        }
    }
}
