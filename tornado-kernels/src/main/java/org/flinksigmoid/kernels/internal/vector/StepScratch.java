package org.flinksigmoid.kernels.internal.vector;

/**
 * One array of scratch a thread for all steps of a program: they run one after the other, and what
 * the last one left in a cache need not come from memory.
 */
final class StepScratch {
    private final float[][] arrays;

    StepScratch(int threads) {
        arrays = new float[threads][0];
    }

    /** Has at least so many floats ready for each thread; while a program is prepared. */
    void reserve(int floats) {
        for (int i = 0; i < arrays.length; i++) {
            if (arrays[i].length < floats) {
                arrays[i] = new float[floats];
            }
        }
    }

    float[] of(int worker) {
        return arrays[worker];
    }
}
