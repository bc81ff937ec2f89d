package org.flinksigmoid.kernels.internal.tornado.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.flinksigmoid.kernels.backend.DeviceFailureException;

/**
 * Matrix products by cuBLASLt on one card. Numbers are those of NVIDIA's {@code cublasLt.h} (CUDA
 * 12 and 13). Used inside {@link Card#exclusively} only.
 */
public final class CublasLt {
    private static final int FLOAT = 0;
    private static final int HALF = 2;
    private static final int SUMS_IN_FLOAT = 68;
    private static final int TRANSPOSED = 1;

    private static final int ATTRIBUTE_TRANSPOSE_A = 3;
    private static final int ATTRIBUTE_EPILOGUE = 7;
    private static final int ATTRIBUTE_BIAS = 8;
    private static final int PREFERENCE_WORKSPACE = 1;
    private static final int PREFERENCE_ALIGNMENT_A = 5;

    /** Where every operand starts. */
    private static final int ALIGNMENT = 256;

    /** Memory that the library may use between a product's parts; NVIDIA's advice for Hopper. */
    private static final long WORKSPACE_BYTES = 32 << 20;

    /** Bytes of a heuristic's result; the algorithm lies at its start. */
    private static final int RESULT_BYTES = 96;

    private static final Native LIBRARY =
            new Native("libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so");

    private static final MethodHandle CREATE = LIBRARY.function("cublasLtCreate", ADDRESS);
    private static final MethodHandle DESC_CREATE =
            LIBRARY.function("cublasLtMatmulDescCreate", ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle DESC_SET =
            LIBRARY.function(
                    "cublasLtMatmulDescSetAttribute", ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle DESC_DESTROY =
            LIBRARY.function("cublasLtMatmulDescDestroy", ADDRESS);
    private static final MethodHandle LAYOUT_CREATE =
            LIBRARY.function(
                    "cublasLtMatrixLayoutCreate",
                    ADDRESS,
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG);
    private static final MethodHandle LAYOUT_DESTROY =
            LIBRARY.function("cublasLtMatrixLayoutDestroy", ADDRESS);
    private static final MethodHandle PREFERENCE_CREATE =
            LIBRARY.function("cublasLtMatmulPreferenceCreate", ADDRESS);
    private static final MethodHandle PREFERENCE_SET =
            LIBRARY.function(
                    "cublasLtMatmulPreferenceSetAttribute", ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle PREFERENCE_DESTROY =
            LIBRARY.function("cublasLtMatmulPreferenceDestroy", ADDRESS);
    private static final MethodHandle HEURISTIC =
            LIBRARY.function(
                    "cublasLtMatmulAlgoGetHeuristic",
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    JAVA_INT,
                    ADDRESS,
                    ADDRESS);
    private static final MethodHandle MATMUL =
            LIBRARY.function(
                    "cublasLtMatmul",
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    JAVA_LONG,
                    ADDRESS);

    private final MemorySegment handle;

    /** Address of one for each stream: what streams run overlaps. */
    private final long workspaces;

    /** Opens the library on a card. */
    public CublasLt(Card card) {
        workspaces = card.allocate(card.streams().size() * WORKSPACE_BYTES);
        try {
            handle = made("create", CREATE);
        } catch (RuntimeException | Error e) {
            card.free(workspaces);
            throw e;
        }
    }

    private static void call(String what, MethodHandle function, Object... arguments) {
        int status;
        try {
            status = (int) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw Native.unexpected("cuBLASLt: " + what, e);
        }
        if (status != 0) {
            throw new DeviceFailureException(
                    "the GPU failed: cuBLASLt, %s: status %d".formatted(what, status), false);
        }
    }

    private static MemorySegment made(String what, MethodHandle create, Object... arguments) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment pointer = scratch.allocate(ADDRESS);
            Object[] all = new Object[arguments.length + 1];
            all[0] = pointer;
            System.arraycopy(arguments, 0, all, 1, arguments.length);
            call(what, create, all);
            return pointer.get(ADDRESS, 0);
        }
    }

    private static void set(
            MethodHandle setter, MemorySegment object, int attribute, MemorySegment value) {
        String what = (setter == DESC_SET ? "attribute " : "preference ") + attribute;
        call(what, setter, object, attribute, value, value.byteSize());
    }

    private static MemorySegment layout(boolean floats, long rows, long columns, long stride) {
        return made("layout", LAYOUT_CREATE, floats ? FLOAT : HALF, rows, columns, stride);
    }

    /** Describes a product and lets the library choose an algorithm. */
    public Product product(Matmul matmul) {
        Product product = new Product(matmul);
        try {
            product.choose();
            return product;
        } catch (RuntimeException | Error e) {
            product.close();
            throw e;
        }
    }

    /**
     * A product, ready to be queued. The library counts columns first, so row-major {@code out = in
     * weight^T} is its {@code out^T = weight in^T}.
     */
    public final class Product implements AutoCloseable {
        private final Matmul matmul;
        private final Arena arena = Arena.ofShared();
        private final MemorySegment description;
        private final MemorySegment weight;
        private final MemorySegment in;
        private final MemorySegment out;
        private final MemorySegment algorithm;

        Product(Matmul m) {
            matmul = m;
            description = made("description", DESC_CREATE, SUMS_IN_FLOAT, FLOAT);
            Matmul.Types types = m.types();
            weight = layout(types.floatsIn(), m.inWidth(), m.outWidth(), m.inWidth());
            in = layout(types.floatsIn(), m.inWidth(), m.rows(), m.inStride());
            out = layout(types.floatsOut(), m.outWidth(), m.rows(), m.outStride());
            algorithm = arena.allocate(RESULT_BYTES, Long.BYTES);
        }

        private void set(int attribute, MemorySegment value) {
            CublasLt.set(DESC_SET, description, attribute, value);
        }

        private void choose() {
            MemorySegment preference = made("preference", PREFERENCE_CREATE);
            try (Arena scratch = Arena.ofConfined()) {
                set(ATTRIBUTE_TRANSPOSE_A, scratch.allocateFrom(JAVA_INT, TRANSPOSED));
                set(ATTRIBUTE_EPILOGUE, scratch.allocateFrom(JAVA_INT, matmul.epilogue().code()));
                choose(preference, scratch);
            } finally {
                call("preference", PREFERENCE_DESTROY, preference);
            }
        }

        private void choose(MemorySegment preference, Arena scratch) {
            CublasLt.set(
                    PREFERENCE_SET,
                    preference,
                    PREFERENCE_WORKSPACE,
                    scratch.allocateFrom(JAVA_LONG, WORKSPACE_BYTES));
            for (int matrix = 0; matrix < 4; matrix++) { // A, B, C, D
                CublasLt.set(
                        PREFERENCE_SET,
                        preference,
                        PREFERENCE_ALIGNMENT_A + matrix,
                        scratch.allocateFrom(JAVA_INT, ALIGNMENT));
            }
            MemorySegment found = scratch.allocate(JAVA_INT);
            call(
                    "choice of an algorithm for " + matmul,
                    HEURISTIC,
                    handle,
                    description,
                    weight,
                    in,
                    out,
                    out,
                    preference,
                    1,
                    algorithm,
                    found);
            if (found.get(JAVA_INT, 0) == 0) {
                throw new DeviceFailureException("cuBLASLt has no algorithm for " + matmul, false);
            }
        }

        /** Queues the product. */
        public void queue(Matmul.Operands at, CardStream stream) {
            try (Arena scratch = Arena.ofConfined()) {
                set(ATTRIBUTE_BIAS, scratch.allocateFrom(JAVA_LONG, at.bias()));
                call(
                        "product " + matmul,
                        MATMUL,
                        handle,
                        description,
                        scratch.allocateFrom(JAVA_FLOAT, 1f),
                        MemorySegment.ofAddress(at.weight()),
                        weight,
                        MemorySegment.ofAddress(at.in()),
                        in,
                        scratch.allocateFrom(JAVA_FLOAT, matmul.accumulate() ? 1f : 0f),
                        MemorySegment.ofAddress(at.out()),
                        out,
                        MemorySegment.ofAddress(at.out()),
                        out,
                        algorithm,
                        MemorySegment.ofAddress(workspaces + stream.index() * WORKSPACE_BYTES),
                        WORKSPACE_BYTES,
                        stream.handle());
            }
        }

        @Override
        public void close() {
            call("layout", LAYOUT_DESTROY, weight);
            call("layout", LAYOUT_DESTROY, in);
            call("layout", LAYOUT_DESTROY, out);
            call("description", DESC_DESTROY, description);
            arena.close();
        }
    }
}
