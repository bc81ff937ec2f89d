package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import org.flinksigmoid.kernels.internal.tornado.driver.TensorMap;

/**
 * Rows of heads as the card's tensor memory accelerator is to see them: in panels of columns, so
 * that one copy brings some rows of a head.
 *
 * @param array 16-bit elements
 * @param column where the first row's first head starts
 * @param stride elements from a row to the next
 * @param width elements of a head
 * @param heads heads of a row
 * @param panel elements of a panel's row: 32 or 64
 * @param rows rows of a copy
 */
record PanelMap(Region array, int column, int stride, int width, int heads, int panel, int rows) {
    /** Of a description. */
    static final int BYTES = TensorMap.BYTES;

    /** What a description's address is a multiple of. */
    static final int ALIGNMENT = TensorMap.ALIGNMENT;

    /** Writes the description; the array's memory is allocated. */
    void describe(MemorySegment to) {
        long elements = array.bytes() / array.type().bytes();
        long all = Math.max(1, (elements - column - (long) heads * width) / stride + 1);
        TensorMap.describe(
                to,
                array.first() + (long) column * array.type().bytes(),
                new long[] {panel, all, (long) heads * width / panel},
                new long[] {2L * stride, 2L * panel},
                new int[] {panel, rows, width / panel});
    }
}
