package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** Floats that lie one behind the other in several arrays, which are read and not copied. */
final class Floats {
    private final List<float[]> arrays;

    /** Index of each array's first float, and behind them the number of all. */
    private final int[] starts;

    private Floats(List<float[]> arrays, int[] starts) {
        this.arrays = arrays;
        this.starts = starts;
    }

    /** The first {@code count} of an array. */
    static Floats of(float[] values, int count) {
        return new Floats(List.of(values), new int[] {0, count});
    }

    /** All of several arrays. */
    static Floats of(List<float[]> arrays) {
        int[] starts = new int[arrays.size() + 1];
        for (int i = 0; i < arrays.size(); i++) {
            starts[i + 1] = Math.addExact(starts[i], arrays.get(i).length);
        }
        return new Floats(arrays, starts);
    }

    int count() {
        return starts[starts.length - 1];
    }

    /** Copies those from one index to another to the same place in {@code to}. */
    void copy(int from, int end, MemorySegment to) {
        int array = arrayOf(from);
        int at = from;
        while (at < end) {
            int length = Math.min(end, starts[array + 1]) - at;
            MemorySegment.copy(
                    arrays.get(array),
                    at - starts[array],
                    to,
                    ValueLayout.JAVA_FLOAT,
                    (long) at * Float.BYTES,
                    length);
            at += length;
            array++;
        }
    }

    /** The array that a float lies in: the last that does not start behind it. */
    private int arrayOf(int index) {
        int found = Arrays.binarySearch(starts, index);
        return found >= 0 ? found : -found - 2;
    }
}
