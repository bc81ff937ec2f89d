package org.flinksigmoid.kernels.internal.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** How a batch lies, worked out on the device from the sequences' offsets. */
public final class LayoutKernels {
    /** Threads of a group. */
    public static final int THREADS = 128;

    private LayoutKernels() {}

    /**
     * Writes each row's sequence, a thread a row: the last one that starts at or before the row,
     * which is never an empty one. O(log sequences).
     */
    public static void sequences(
            KernelContext context,
            IntArray geometry,
            int countAt,
            int rowsAt,
            int offsetsAt,
            int sequencesAt) {
        int row = context.globalIdx;
        if (row < geometry.get(rowsAt)) {
            int sequence = 0;
            int end = geometry.get(countAt);
            while (end - sequence > 1) {
                int middle = (sequence + end) / 2;
                if (geometry.get(geometry.get(offsetsAt) + middle) <= row) {
                    sequence = middle;
                } else {
                    end = middle;
                }
            }
            geometry.set(geometry.get(sequencesAt) + row, sequence);
        }
    }
}
