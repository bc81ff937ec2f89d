package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
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
    /** The species, in every loop. */
    VectorSpecies<Float> FLOATS = Lanes.FLOATS;

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
                                new Weights(),
                                new Hide(0),
                                new Sum(),
                                new Totals(),
                                new Rescale()
                            };
                    case SoftmaxAttention softmax ->
                            new ScorePass[] {
                                new Maxima(), new Weights(), new Totals(), new Rescale()
                            };
                };
        ScorePass[] all = new ScorePass[distance.length + weights.length];
        System.arraycopy(distance, 0, all, 0, distance.length);
        System.arraycopy(weights, 0, all, distance.length, weights.length);
        return all;
    }

    /** ALiBi: {@code s += slope |query - key|}. */
    record Distance() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            float[] scores = block.scores;
            int at = half * Lanes.LENGTH;
            FloatVector position = fromArray(FLOATS, block.positions, at).sub(block.key);
            FloatVector slope = broadcast(FLOATS, block.slope);
            for (int r = 0; r < block.rows; r++) {
                // By the sign bit: C2 (25) boxes the result of FloatVector.abs.
                position.sub(r)
                        .reinterpretAsInts()
                        .lanewise(VectorOperators.AND, Integer.MAX_VALUE)
                        .reinterpretAsFloats()
                        .fma(slope, fromArray(FLOATS, scores, at + r * Lanes.PANEL))
                        .intoArray(scores, at + r * Lanes.PANEL);
            }
        }
    }

    /** {@code s = 1 / (1 + 2^(s + offset))}: with both negated, the sigmoid. */
    record Sigmoid() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            int at = half * Lanes.LENGTH;
            apply(block.scores, at, block.rows, block.offsets, at);
        }

        /** One vector of {@code rows} rows of scores. */
        static void apply(float[] scores, int at, int rows, float[] offsets, int offsetAt) {
            FloatVector offset = fromArray(FLOATS, offsets, offsetAt);
            FloatVector one = broadcast(FLOATS, 1);
            for (int r = 0; r < rows; r++) {
                FloatVector t = fromArray(FLOATS, scores, at + r * Lanes.PANEL).add(offset);
                FloatVector shifted = t.add(Exponentials.ROUND);
                FloatVector f = t.sub(shifted.sub(Exponentials.ROUND));
                FloatVector p =
                        f.fma(broadcast(FLOATS, 1.5343123e-4f), broadcast(FLOATS, 1.3399952e-3f));
                p = p.fma(f, broadcast(FLOATS, 9.6184993e-3f));
                p = p.fma(f, broadcast(FLOATS, 5.5503286e-2f));
                p = p.fma(f, broadcast(FLOATS, 2.4022646e-1f));
                p = p.fma(f, broadcast(FLOATS, 6.9314718e-1f));
                p = p.fma(f, one);
                FloatVector power =
                        shifted.reinterpretAsInts()
                                .lanewise(VectorOperators.MIN, Exponentials.ROUND_BITS + 126)
                                .lanewise(VectorOperators.MAX, Exponentials.ROUND_BITS - 126)
                                .lanewise(VectorOperators.LSHL, Exponentials.EXPONENT)
                                .reinterpretAsFloats();
                one.div(p.fma(power, one)).intoArray(scores, at + r * Lanes.PANEL);
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
                fromArray(FLOATS, scores, at + r * Lanes.PANEL)
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
            FloatVector max = fromArray(FLOATS, block.maxima, at);
            for (int r = 0; r < block.rows; r++) {
                FloatVector s = fromArray(FLOATS, scores, at + r * Lanes.PANEL);
                max = s.blend(max, s.compare(VectorOperators.LE, max));
            }
            fromArray(FLOATS, block.maxima, at).sub(max).intoArray(block.factors, at);
            max.intoArray(block.maxima, at);
            Exponentials.powersOfTwo(block.factors, block.zeros, block.blockTotals, at, 1);
        }
    }

    /** {@code s = 2^(s - max)}. */
    record Weights() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            Exponentials.powersOfTwo(
                    block.scores, block.maxima, block.blockTotals, half * Lanes.LENGTH, block.rows);
        }
    }

    /** The sum of the block's weights, anew where some were hidden after {@link Weights}. */
    record Sum() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            float[] scores = block.scores;
            int at = half * Lanes.LENGTH;
            FloatVector sum = zero(FLOATS);
            for (int r = 0; r < block.rows; r++) {
                sum = fromArray(FLOATS, scores, at + r * Lanes.PANEL).add(sum);
            }
            sum.intoArray(block.blockTotals, at);
        }
    }

    /** {@code total = total factor + the block's sum}. */
    record Totals() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            int at = half * Lanes.LENGTH;
            fromArray(FLOATS, block.totals, at)
                    .fma(
                            fromArray(FLOATS, block.factors, at),
                            fromArray(FLOATS, block.blockTotals, at))
                    .intoArray(block.totals, at);
        }
    }

    /** {@code o *= factor} for the results so far. */
    record Rescale() implements ScorePass {
        @Override
        public void apply(ScoreBlock block, int half) {
            float[] sums = block.sums;
            int at = half * Lanes.LENGTH;
            FloatVector factor = fromArray(FLOATS, block.factors, at);
            for (int r = 0; r < block.headDim; r++) {
                fromArray(FLOATS, sums, at + r * Lanes.PANEL)
                        .mul(factor)
                        .intoArray(sums, at + r * Lanes.PANEL);
            }
        }
    }
}
