package org.flinksigmoid.kernels.internal.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Sums and maxima over the {@link #THREADS} threads of a work-group, which all call them: a tree in
 * shared memory, O(log THREADS) barriers.
 */
final class Reduce {
    /** Threads of a work-group of the row kernels. */
    static final int THREADS = 128;

    private Reduce() {}

    /** The sum of every thread's {@code value}, to every thread. */
    static float sum(KernelContext context, float[] shared, float value) {
        int thread = context.localIdx;
        shared[thread] = value;
        context.localBarrier();
        for (int half = THREADS / 2; half > 0; half >>= 1) {
            if (thread < half) {
                shared[thread] += shared[thread + half];
            }
            context.localBarrier();
        }
        float sum = shared[0];
        context.localBarrier();
        return sum;
    }

    /** The largest of every thread's {@code value}, to every thread. */
    static float max(KernelContext context, float[] shared, float value) {
        int thread = context.localIdx;
        shared[thread] = value;
        context.localBarrier();
        for (int half = THREADS / 2; half > 0; half >>= 1) {
            if (thread < half) {
                shared[thread] = Math.max(shared[thread], shared[thread + half]);
            }
            context.localBarrier();
        }
        float max = shared[0];
        context.localBarrier();
        return max;
    }
}
