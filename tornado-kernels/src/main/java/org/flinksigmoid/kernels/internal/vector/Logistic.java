package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code (factor x + constant) / (1 + exp(linear x + cubic x^3)) - less}: the sigmoid and all that
 * is made of it, in one loop (why one: package-info).
 */
record Logistic(float factor, float constant, float linear, float cubic, float less)
        implements TileActivation {
    /** {@code 1 / (1 + exp(-x))}, relative error 3e-7 down to 2^-126, also where it is tiny. */
    static final Logistic SIGMOID = new Logistic(0, 1, -1, 0, 0);

    /** {@code tanh x = 2 sigmoid(2x) - 1}, absolute error 2e-7. */
    static final Logistic TANH = new Logistic(0, 2, -2, 0, 1);

    /** {@code x sigmoid(x)}, relative error 4e-7. */
    static final Logistic SILU = new Logistic(1, 0, -1, 0, 0);

    /** {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}, absolute error 4e-7 (1 + |x|). */
    static final Logistic GELU_TANH = new Logistic(1, 0, -1.59576912f, -1.59576912f * 0.044715f, 0);

    @Override
    public void apply(float[] c, int cFrom, int rows, int step) {
        for (int i = 0; i < 2 * rows; i += step) {
            int at = cFrom + i * Lanes.LENGTH;
            FloatVector x = fromArray(FLOATS, c, at);
            x = x.blend(Float.MAX_VALUE, x.compare(VectorOperators.GT, Float.MAX_VALUE));
            x = x.blend(-Float.MAX_VALUE, x.compare(VectorOperators.LT, -Float.MAX_VALUE));
            FloatVector t = x.mul(cubic).mul(x).fma(x, x.mul(linear));
            t = t.blend(Exponentials.LIMIT, t.compare(VectorOperators.GT, Exponentials.LIMIT));
            t = t.blend(-Exponentials.LIMIT, t.compare(VectorOperators.LT, -Exponentials.LIMIT));
            FloatVector shifted =
                    t.fma(
                            broadcast(FLOATS, Exponentials.LOG2_E),
                            broadcast(FLOATS, Exponentials.ROUND));
            FloatVector n = shifted.sub(Exponentials.ROUND);
            FloatVector f = n.fma(broadcast(FLOATS, -Exponentials.LN_2_HIGH), t);
            f = n.fma(broadcast(FLOATS, -Exponentials.LN_2_LOW), f);
            FloatVector p =
                    f.fma(broadcast(FLOATS, 1.3835330e-3f), broadcast(FLOATS, 8.3748335e-3f));
            p = p.fma(f, broadcast(FLOATS, 4.1668266e-2f));
            p = p.fma(f, broadcast(FLOATS, 1.6666420e-1f));
            p = p.fma(f, broadcast(FLOATS, 4.9999991e-1f));
            p = p.fma(f, broadcast(FLOATS, 1f));
            p = p.fma(f, broadcast(FLOATS, 1f));
            IntVector exponent =
                    shifted.reinterpretAsInts()
                            .lanewise(VectorOperators.LSHL, Exponentials.EXPONENT);
            FloatVector divisor = p.mul(exponent.reinterpretAsFloats()).add(1);
            x.mul(factor).add(constant).div(divisor).sub(less).intoArray(c, at);
        }
    }
}
