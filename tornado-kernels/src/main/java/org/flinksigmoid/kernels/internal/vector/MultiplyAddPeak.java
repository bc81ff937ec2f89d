package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The machine's limit: fused multiply-adds on registers, enough of them to hide their latency. */
final class MultiplyAddPeak {
    private static final int ROUNDS = 100_000;

    private MultiplyAddPeak() {}

    /** Floating point operations of one {@link #run}. */
    static double operations() {
        return 2.0 * 10 * ROUNDS * Lanes.LENGTH;
    }

    /** Ten independent chains. */
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
        for (int round = 0; round < ROUNDS; round++) {
            a = a.fma(m, n);
            b = b.fma(m, n);
            c = c.fma(m, n);
            d = d.fma(m, n);
            e = e.fma(m, n);
            f = f.fma(m, n);
            g = g.fma(m, n);
            h = h.fma(m, n);
            i = i.fma(m, n);
            j = j.fma(m, n);
        }
        FloatVector left = a.add(b).add(c).add(d).add(e);
        return left.add(f).add(g).add(h).add(i).add(j).reduceLanes(VectorOperators.ADD);
    }
}
