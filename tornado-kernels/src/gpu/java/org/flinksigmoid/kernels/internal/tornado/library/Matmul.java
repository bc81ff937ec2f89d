package org.flinksigmoid.kernels.internal.tornado.library;

import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * {@code out = act(in weight^T + bias)}, or {@code out += in weight^T + bias}, in fp16 with float
 * sums, on Tensor Cores: O(rows in out) time.
 *
 * @param rows rows of {@code in} and {@code out}
 * @param inWidth elements of a row of {@code in} that count
 * @param outWidth elements of a row of {@code out}
 * @param inStride elements from a row of {@code in} to the next
 * @param outStride the same of {@code out}
 * @param lead elements before the first row of every fp16 array, so that it is aligned
 * @param epilogue what is done to the sums
 * @param accumulate whether they are added to {@code out}
 * @param floats whether {@code out} and the bias are float arrays, without a lead
 */
public record Matmul(
        int rows,
        int inWidth,
        int outWidth,
        int inStride,
        int outStride,
        int lead,
        Epilogue epilogue,
        boolean accumulate,
        boolean floats) {
    static final String LIBRARY = "flinksigmoid/matmul";

    /** Memory that the library may use between a product's parts. */
    static final int WORKSPACE_BYTES = 32 << 20;

    /** Where the library wants its memory to start. */
    static final int ALIGNMENT = 256;

    static final int WEIGHT = 0;
    static final int IN = 1;
    static final int OUT = 2;
    static final int BIAS = 3;
    static final int WORKSPACE = 4;

    /** What follows the sums; the codes are the library's. */
    public enum Epilogue {
        /** The bias. */
        BIAS(4),
        /** The bias, then {@code max(x, 0)}. */
        RELU(6),
        /** The bias, then GELU's tanh form. */
        GELU(36);

        private final int code;

        Epilogue(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** An array for {@code workspace}; graphs may share it, each has its own on the device. */
    public static ByteArray newWorkspace() {
        return new ByteArray(WORKSPACE_BYTES + ALIGNMENT);
    }

    /**
     * Adds the product to a graph.
     *
     * @param weight {@code [outWidth, inWidth]}, dense after its lead
     * @param in {@code [rows, inStride]}
     * @param out {@code [rows, outStride]}, fp16 or float
     * @param bias {@code [outWidth]}, of the same type
     */
    public void addTo(
            TaskGraph graph,
            String task,
            HalfFloatArray weight,
            HalfFloatArray in,
            TornadoNativeArray out,
            TornadoNativeArray bias,
            ByteArray workspace) {
        Access written = accumulate ? Access.READ_WRITE : Access.WRITE_ONLY;
        LibraryTaskDescriptor descriptor =
                new LibraryTaskDescriptor()
                        .withLibrary(LIBRARY)
                        .withFunction("matmul")
                        .withParameters(new Object[] {weight, in, out, bias, workspace})
                        .withAccess(
                                new Access[] {
                                    Access.READ_ONLY,
                                    Access.READ_ONLY,
                                    written,
                                    Access.READ_ONLY,
                                    Access.READ_WRITE
                                })
                        .withTuning(this);
        graph.libraryTask(task, product -> descriptor, this);
    }
}
