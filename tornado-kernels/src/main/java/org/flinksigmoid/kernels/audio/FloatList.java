package org.flinksigmoid.kernels.audio;

import java.util.Arrays;

/** A growing array of floats. */
final class FloatList {
    private float[] values = new float[1024];
    private int size;

    void add(float[] source, int offset, int count) {
        if (size + count > values.length) {
            values = Arrays.copyOf(values, Math.max(size + count, 2 * values.length));
        }
        System.arraycopy(source, offset, values, size, count);
        size += count;
    }

    float[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
