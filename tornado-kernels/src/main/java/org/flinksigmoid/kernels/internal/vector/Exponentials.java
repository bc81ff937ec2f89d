package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exponentials of one vector of every row of a panel, in place, and their sum. Polynomials are
 * minimax fits of relative error; the bounds below are tested. NaN gives NaN.
 *
 * <p>{@link #powersOfTwo}, attention's own, clamps the integer exponent, where minimum and maximum
 * are one instruction each; {@code FloatVector.min} takes six to get Java's NaN and -0 right.
 */
final class Exponentials {
    /**
     * {@code 1.5 * 2^23 + 127}: adding it rounds to an integer, which then stands in the low bits
     * with a float's exponent bias on it.
     */
    static final float ROUND = 0x1.8p23f + 127;

    static final int ROUND_BITS = 0x4b400000 + 127;

    /** Bits of a float below its exponent. */
    static final int EXPONENT = 23;

    static final float LOG2_E = 1.44269504f;

    /** ln 2 in two parts; the first has so few bits that its product with an exponent is exact. */
    static final float LN_2_HIGH = 0.693359375f;

    static final float LN_2_LOW = -2.12194440e-4f;

    /** Beyond it, {@code exp} gives its value there. */
    static final float LIMIT = 87;

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int PANEL = Lanes.PANEL;

    private Exponentials() {}

    /**
     * {@code x = 2^(x - minus)}, {@code sums} their sum. Where the difference is at most 126 in
     * magnitude the relative error is 1.5e-7; beyond (finite), 2^126 or 2^-126.
     *
     * @param at a vector's place in {@code minus}, in {@code sums} and in the first row of {@code
     *     x}, whose next is a panel further
     */
    static void powersOfTwo(float[] x, float[] minus, float[] sums, int at, int rows) {
        FloatVector less = fromArray(FLOATS, minus, at);
        FloatVector sum = zero(FLOATS);
        for (int r = 0; r < rows; r++) {
            FloatVector t = fromArray(FLOATS, x, at + r * PANEL).sub(less);
            FloatVector shifted = t.add(ROUND);
            FloatVector f = t.sub(shifted.sub(ROUND));
            FloatVector p =
                    f.fma(broadcast(FLOATS, 1.5343123e-4f), broadcast(FLOATS, 1.3399952e-3f));
            p = p.fma(f, broadcast(FLOATS, 9.6184993e-3f));
            p = p.fma(f, broadcast(FLOATS, 5.5503286e-2f));
            p = p.fma(f, broadcast(FLOATS, 2.4022646e-1f));
            p = p.fma(f, broadcast(FLOATS, 6.9314718e-1f));
            p = p.fma(f, broadcast(FLOATS, 1f));
            IntVector exponent =
                    shifted.reinterpretAsInts()
                            .lanewise(VectorOperators.MIN, ROUND_BITS + 126)
                            .lanewise(VectorOperators.MAX, ROUND_BITS - 126)
                            .lanewise(VectorOperators.LSHL, EXPONENT);
            FloatVector power = p.mul(exponent.reinterpretAsFloats());
            sum = power.add(sum);
            power.intoArray(x, at + r * PANEL);
        }
        sum.intoArray(sums, at);
    }

    /**
     * {@code sums} the sum of {@code exp(x)}, which overwrites x if {@code store}; relative error
     * 2e-7 where x is at most 87 in magnitude.
     *
     * @param at a vector's place in the first row of {@code x}; {@code sums} has it from 0
     */
    static void sum(float[] x, int at, int rows, boolean store, float[] sums) {
        FloatVector sum = zero(FLOATS);
        for (int r = 0; r < rows; r++) {
            FloatVector t = fromArray(FLOATS, x, at + r * PANEL);
            t = t.blend(LIMIT, t.compare(VectorOperators.GT, LIMIT));
            t = t.blend(-LIMIT, t.compare(VectorOperators.LT, -LIMIT));
            FloatVector shifted = t.fma(broadcast(FLOATS, LOG2_E), broadcast(FLOATS, ROUND));
            FloatVector n = shifted.sub(ROUND);
            FloatVector f = n.fma(broadcast(FLOATS, -LN_2_HIGH), t);
            f = n.fma(broadcast(FLOATS, -LN_2_LOW), f);
            FloatVector p =
                    f.fma(broadcast(FLOATS, 1.3835330e-3f), broadcast(FLOATS, 8.3748335e-3f));
            p = p.fma(f, broadcast(FLOATS, 4.1668266e-2f));
            p = p.fma(f, broadcast(FLOATS, 1.6666420e-1f));
            p = p.fma(f, broadcast(FLOATS, 4.9999991e-1f));
            p = p.fma(f, broadcast(FLOATS, 1f));
            p = p.fma(f, broadcast(FLOATS, 1f));
            IntVector exponent =
                    shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, EXPONENT);
            FloatVector exp = p.mul(exponent.reinterpretAsFloats());
            sum = exp.add(sum);
            if (store) {
                exp.intoArray(x, at + r * PANEL);
            }
        }
        sum.intoArray(sums, 0);
    }
}
