package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of every lane. Polynomials are minimax fits of relative error; the bounds below are
 * tested ({@code VectorMathTest}). NaN gives NaN.
 *
 * <p>{@code exp2}, attention's own, clamps the integer exponent, where minimum and maximum are one
 * instruction each; {@code FloatVector.min} takes six to get Java's NaN and -0 right.
 */
final class VectorMath {
    /**
     * {@code 1.5 * 2^23 + 127}: adding it rounds to an integer, which then stands in the low bits
     * with a float's exponent bias on it.
     */
    private static final float ROUND = 0x1.8p23f + 127;

    private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);
    private static final float LOG2_E = 1.44269504f;

    /** ln 2 in two parts; the first has so few bits that its product with an exponent is exact. */
    private static final float LN_2_HIGH = 0.693359375f;

    private static final float LN_2_LOW = -2.12194440e-4f;

    /** Where {@code Phi} is 1 to float precision. */
    private static final float NORMAL_LIMIT = 5.5f;

    private VectorMath() {}

    /** {@code 2^t} for |t| at most 126, relative error 1.5e-7; beyond (finite), 2^126 or 2^-126. */
    static FloatVector exp2(FloatVector t) {
        FloatVector shifted = t.add(ROUND);
        FloatVector f = t.sub(shifted.sub(ROUND));
        FloatVector p = f.mul(1.5343123e-4f).add(1.3399952e-3f);
        p = p.fma(f, broadcast(9.6184993e-3f));
        p = p.fma(f, broadcast(5.5503286e-2f));
        p = p.fma(f, broadcast(2.4022646e-1f));
        p = p.fma(f, broadcast(6.9314718e-1f));
        p = p.fma(f, broadcast(1f));
        IntVector clamped =
                shifted.reinterpretAsInts()
                        .lanewise(VectorOperators.MIN, ROUND_BITS + 126)
                        .lanewise(VectorOperators.MAX, ROUND_BITS - 126);
        return scaled(p, clamped);
    }

    /** {@code exp(x)} for |x| at most 87, relative error 2e-7; beyond, the value at 87 or -87. */
    static FloatVector exp(FloatVector any) {
        FloatVector x = clamped(any, 87);
        FloatVector shifted = x.fma(broadcast(LOG2_E), broadcast(ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector f = n.fma(broadcast(-LN_2_HIGH), x);
        f = n.fma(broadcast(-LN_2_LOW), f);
        FloatVector p = f.mul(1.3835330e-3f).add(8.3748335e-3f);
        p = p.fma(f, broadcast(4.1668266e-2f));
        p = p.fma(f, broadcast(1.6666420e-1f));
        p = p.fma(f, broadcast(4.9999991e-1f));
        p = p.fma(f, broadcast(1f));
        p = p.fma(f, broadcast(1f));
        return scaled(p, shifted.reinterpretAsInts());
    }

    /** {@code p} times two to the power that the low bits of {@code shifted} hold; NaN stays. */
    private static FloatVector scaled(FloatVector p, IntVector shifted) {
        return p.mul(shifted.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
    }

    /** {@code 1 / (1 + exp(-x))}, relative error 3e-7 down to 2^-126, also where it is tiny. */
    static FloatVector sigmoid(FloatVector x) {
        return broadcast(1f).div(exp(x.neg()).add(1f));
    }

    /** {@code tanh x}, absolute error 2e-7. */
    static FloatVector tanh(FloatVector x) {
        return broadcast(1f).sub(broadcast(2f).div(exp(x.add(x)).add(1f)));
    }

    /** {@code x sigmoid(x)}, relative error 4e-7. */
    static FloatVector silu(FloatVector x) {
        return x.div(exp(x.neg()).add(1f));
    }

    /** {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}, absolute error 4e-7 (1 + |x|). */
    static FloatVector geluTanh(FloatVector x) {
        FloatVector cubic = x.mul(x).mul(0.044715f).add(1f).mul(x);
        return x.div(exp(cubic.mul(-1.59576912f)).add(1f));
    }

    /**
     * {@code x Phi(x)}, the exact GELU, absolute error 3e-7 |x|: Phi(x) - 1/2 is x times a rational
     * function of x^2, fitted on |x| below 5.5 to 3e-8.
     */
    static FloatVector gelu(FloatVector x) {
        FloatVector c = clamped(x, NORMAL_LIMIT);
        FloatVector u = c.mul(c);
        FloatVector p = u.mul(2.3774829e-8f).add(6.2113304e-6f);
        p = p.fma(u, broadcast(1.5251890e-4f));
        p = p.fma(u, broadcast(4.5768728e-3f));
        p = p.fma(u, broadcast(3.2287876e-2f));
        p = p.fma(u, broadcast(3.9894227e-1f));
        FloatVector q = u.mul(1.2171688e-6f).add(6.8284694e-5f);
        q = q.fma(u, broadcast(1.7917216e-3f));
        q = q.fma(u, broadcast(2.7739141e-2f));
        q = q.fma(u, broadcast(2.4760039e-1f));
        q = q.fma(u, broadcast(1f));
        return x.mul(p.div(q).fma(c, broadcast(0.5f)));
    }

    /** {@code |x|}, by its sign bit: C2 (25) boxes the result of {@code FloatVector.abs}. */
    static FloatVector abs(FloatVector x) {
        return x.reinterpretAsInts()
                .lanewise(VectorOperators.AND, Integer.MAX_VALUE)
                .reinterpretAsFloats();
    }

    /** {@code x} cut to [-limit, limit]. */
    private static FloatVector clamped(FloatVector x, float limit) {
        FloatVector c = x.blend(limit, x.compare(VectorOperators.GT, limit));
        return c.blend(-limit, c.compare(VectorOperators.LT, -limit));
    }

    /** A constant in every lane. */
    static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
