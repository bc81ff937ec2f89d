package org.flinksigmoid.kernels.internal.tornado.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/** The driver's descriptions of arrays for the tensor memory accelerator (Hopper and later). */
public final class TensorMap {
    /** Bytes of a description. */
    public static final int BYTES = 128;

    /** What its address is a multiple of. */
    public static final int ALIGNMENT = 64;

    private static final MethodHandle ENCODE =
            Cuda.LIBRARY.function(
                    "cuTensorMapEncodeTiled",
                    ADDRESS,
                    JAVA_INT,
                    JAVA_INT,
                    JAVA_LONG,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    JAVA_INT,
                    JAVA_INT,
                    JAVA_INT,
                    JAVA_INT);

    private TensorMap() {}

    /**
     * Describes an array of 16-bit elements to the tensor memory accelerator, which copies boxes of
     * it into shared memory, swizzled over the length of their first dimension; elements outside
     * come as zeros.
     *
     * @param to 128 bytes for the description, at a multiple of 64
     * @param sizes of each dimension
     * @param strides bytes from an element to the next in each dimension but the first
     * @param box sizes of a box
     */
    public static void describe(
            MemorySegment to, long address, long[] sizes, long[] strides, int[] box) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocateFrom(JAVA_LONG, sizes);
            MemorySegment stride = arena.allocateFrom(JAVA_LONG, strides);
            MemorySegment boxed = arena.allocateFrom(JAVA_INT, box);
            int[] ones = new int[box.length];
            Arrays.fill(ones, 1);
            MemorySegment each = arena.allocateFrom(JAVA_INT, ones);
            int unsigned16 = 1;
            int rank = sizes.length;
            int swizzle = box[0] == 64 ? 3 : 2;
            int lines = 2;
            int none = 0;
            Cuda.check(
                    "describing an array",
                    () ->
                            (int)
                                    ENCODE.invokeExact(
                                            to,
                                            unsigned16,
                                            rank,
                                            address,
                                            size,
                                            stride,
                                            boxed,
                                            each,
                                            none,
                                            swizzle,
                                            lines,
                                            none));
        }
    }
}
