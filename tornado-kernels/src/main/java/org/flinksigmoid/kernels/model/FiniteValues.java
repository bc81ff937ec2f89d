package org.flinksigmoid.kernels.model;

/** Looks for NaN and infinities, several values at a time where there are none. */
final class FiniteValues {
    /** Infinity's bits; those of NaN, without the sign, are larger. */
    private static final int INFINITY = 0x7f800000;

    private FiniteValues() {}

    /** Index of the first value that is not finite; the length if all are. */
    static int firstOther(float[] values) {
        int largest = 0;
        for (float value : values) { // the compiler makes vector instructions of a maximum
            largest = Math.max(largest, Float.floatToRawIntBits(value) & Integer.MAX_VALUE);
        }
        int first = largest < INFINITY ? values.length : 0;
        while (first < values.length && Float.isFinite(values[first])) {
            first++;
        }
        return first;
    }
}
