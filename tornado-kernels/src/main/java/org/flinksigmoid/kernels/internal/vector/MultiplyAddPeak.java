package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The machine's limit: fused multiply-adds on registers, enough of them to hide their latency. */
final class MultiplyAddPeak {
    private static final int ROUNDS = 100_000;

    private MultiplyAddPeak() {}

    /** Floating point operations of one {@link #run}. */
    static double operations() {
        return 2.0 * 12 * ROUNDS * Lanes.LENGTH;
    }

    /**
     * Twelve independent chains. What is added to is the accumulator, as in the kernels: where it
     * is a factor, C2 copies the addend for each multiply-add, which hid a tenth of the peak.
     */
    static float run() {
        FloatVector m = FloatVector.broadcast(Lanes.FLOATS, 0.999f);
        FloatVector n = FloatVector.broadcast(Lanes.FLOATS, 0.001f);
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        FloatVector i = a;
        FloatVector j = a;
        FloatVector k = a;
        FloatVector l = a;
        for (int round = 0; round < ROUNDS; round++) {
            a = m.fma(n, a);
            b = m.fma(n, b);
            c = m.fma(n, c);
            d = m.fma(n, d);
            e = m.fma(n, e);
            f = m.fma(n, f);
            g = m.fma(n, g);
            h = m.fma(n, h);
            i = m.fma(n, i);
            j = m.fma(n, j);
            k = m.fma(n, k);
            l = m.fma(n, l);
        }
        FloatVector left = a.add(b).add(c).add(d).add(e).add(f);
        return left.add(g).add(h).add(i).add(j).add(k).add(l).reduceLanes(VectorOperators.ADD);
    }
}
