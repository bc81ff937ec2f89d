package org.flinksigmoid.kernels.internal.tornado.library;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * The few functions of cuBLASLt and of the driver that {@link MatmulProvider} needs. Numbers are
 * those of NVIDIA's {@code cublasLt.h} (CUDA 12 and 13).
 */
@SuppressWarnings("restricted") // calling native code is its purpose
final class CublasLt {
    private static final List<String> NAMES =
            List.of("libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so");

    private static final int FLOAT = 0;
    private static final int HALF = 2;
    private static final int SUMS_IN_FLOAT = 68;
    private static final int TRANSPOSED = 1;

    private static final int ATTRIBUTE_TRANSPOSE_A = 3;
    private static final int ATTRIBUTE_EPILOGUE = 7;
    private static final int ATTRIBUTE_BIAS = 8;
    private static final int PREFERENCE_WORKSPACE = 1;
    private static final int PREFERENCE_ALIGNMENT_A = 5;

    /** Bytes of a heuristic's result; the algorithm lies at its start. */
    private static final int RESULT_BYTES = 96;

    private static final Arena ARENA = Arena.global();
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBRARY = library();

    private static final MethodHandle SET_CONTEXT =
            LINKER.downcallHandle(
                    SymbolLookup.libraryLookup("libcuda.so.1", ARENA)
                            .find("cuCtxSetCurrent")
                            .orElseThrow(),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle CREATE = function("cublasLtCreate", ADDRESS);
    private static final MethodHandle DESTROY = function("cublasLtDestroy", ADDRESS);
    private static final MethodHandle DESC_CREATE =
            function("cublasLtMatmulDescCreate", ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle DESC_SET =
            function("cublasLtMatmulDescSetAttribute", ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle DESC_DESTROY = function("cublasLtMatmulDescDestroy", ADDRESS);
    private static final MethodHandle LAYOUT_CREATE =
            function(
                    "cublasLtMatrixLayoutCreate",
                    ADDRESS,
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG);
    private static final MethodHandle LAYOUT_DESTROY =
            function("cublasLtMatrixLayoutDestroy", ADDRESS);
    private static final MethodHandle PREFERENCE_CREATE =
            function("cublasLtMatmulPreferenceCreate", ADDRESS);
    private static final MethodHandle PREFERENCE_SET =
            function("cublasLtMatmulPreferenceSetAttribute", ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle PREFERENCE_DESTROY =
            function("cublasLtMatmulPreferenceDestroy", ADDRESS);
    private static final MethodHandle HEURISTIC =
            function(
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
            function(
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

    private CublasLt() {}

    /** Descriptors and algorithm of one product; freed by {@link #destroy(Product)}. */
    record Product(
            MemorySegment description,
            MemorySegment weight,
            MemorySegment in,
            MemorySegment out,
            MemorySegment algorithm,
            MemorySegment one,
            MemorySegment factorOfOut) {}

    private static SymbolLookup library() {
        for (String name : NAMES) {
            try {
                return SymbolLookup.libraryLookup(name, ARENA);
            } catch (IllegalArgumentException e) {
                continue;
            }
        }
        throw new IllegalStateException(
                "cuBLASLt not found: expected one of " + NAMES + " on LD_LIBRARY_PATH");
    }

    private static MethodHandle function(String name, ValueLayout... arguments) {
        MemorySegment address =
                LIBRARY.find(name)
                        .orElseThrow(() -> new IllegalStateException("cuBLASLt has no " + name));
        return LINKER.downcallHandle(address, FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private static void call(String what, MethodHandle function, Object... arguments) {
        int status;
        try {
            status = (int) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("cuBLASLt could not be called: " + what, e);
        }
        if (status != 0) {
            throw new IllegalStateException("cuBLASLt: " + what + " failed with status " + status);
        }
    }

    private static MemorySegment made(String what, MethodHandle create, Object... arguments) {
        MemorySegment pointer = ARENA.allocate(ADDRESS);
        Object[] all = new Object[arguments.length + 1];
        all[0] = pointer;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        call(what, create, all);
        return pointer.get(ADDRESS, 0);
    }

    /** Makes a context the calling thread's, as every call of the library needs. */
    static void setContext(long context) {
        call("context", SET_CONTEXT, MemorySegment.ofAddress(context));
    }

    /** Opens the library on the current context. */
    static MemorySegment create() {
        return made("create", CREATE);
    }

    static void destroy(MemorySegment handle) {
        call("destroy", DESTROY, handle);
    }

    private static MemorySegment layout(boolean floats, long rows, long columns, long stride) {
        return made("layout", LAYOUT_CREATE, floats ? FLOAT : HALF, rows, columns, stride);
    }

    /**
     * Describes a product and chooses its algorithm. The library counts columns first, so row-major
     * {@code out = in weight^T} is its {@code out^T = weight in^T}.
     */
    static Product product(MemorySegment handle, Matmul m, int alignment) {
        MemorySegment description = made("description", DESC_CREATE, SUMS_IN_FLOAT, FLOAT);
        MemorySegment weight = layout(false, m.inWidth(), m.outWidth(), m.inWidth());
        MemorySegment in = layout(false, m.inWidth(), m.rows(), m.inStride());
        MemorySegment out = layout(m.floats(), m.outWidth(), m.rows(), m.outStride());
        MemorySegment result = ARENA.allocate(RESULT_BYTES, 8);
        try (Arena scratch = Arena.ofConfined()) {
            set(scratch, description, ATTRIBUTE_TRANSPOSE_A, TRANSPOSED);
            set(scratch, description, ATTRIBUTE_EPILOGUE, m.epilogue().code());
            MemorySegment preference = made("preference", PREFERENCE_CREATE);
            call(
                    "workspace",
                    PREFERENCE_SET,
                    preference,
                    PREFERENCE_WORKSPACE,
                    scratch.allocateFrom(JAVA_LONG, Matmul.WORKSPACE_BYTES),
                    8L);
            for (int matrix = 0; matrix < 4; matrix++) { // A, B, C, D
                boolean floats = m.floats() && matrix >= 2;
                call(
                        "alignment",
                        PREFERENCE_SET,
                        preference,
                        PREFERENCE_ALIGNMENT_A + matrix,
                        scratch.allocateFrom(JAVA_INT, floats ? 16 : alignment),
                        4L);
            }
            MemorySegment found = scratch.allocate(JAVA_INT);
            call(
                    "choice of an algorithm for " + m,
                    HEURISTIC,
                    handle,
                    description,
                    weight,
                    in,
                    out,
                    out,
                    preference,
                    1,
                    result,
                    found);
            call("preference", PREFERENCE_DESTROY, preference);
            if (found.get(JAVA_INT, 0) == 0) {
                throw new IllegalStateException("cuBLASLt has no algorithm for " + m);
            }
        }
        return new Product(
                description,
                weight,
                in,
                out,
                result,
                ARENA.allocateFrom(JAVA_FLOAT, 1f),
                ARENA.allocateFrom(JAVA_FLOAT, m.accumulate() ? 1f : 0f));
    }

    private static void set(Arena scratch, MemorySegment description, int attribute, int value) {
        call(
                "attribute " + attribute,
                DESC_SET,
                description,
                attribute,
                scratch.allocateFrom(JAVA_INT, value),
                4L);
    }

    /** Queues a product; pointers are device addresses. */
    static void run(
            MemorySegment handle,
            Product product,
            long weight,
            long in,
            long out,
            long bias,
            long workspace,
            long stream) {
        try (Arena scratch = Arena.ofConfined()) {
            call(
                    "bias",
                    DESC_SET,
                    product.description(),
                    ATTRIBUTE_BIAS,
                    scratch.allocateFrom(JAVA_LONG, bias),
                    8L);
        }
        call(
                "product",
                MATMUL,
                handle,
                product.description(),
                product.one(),
                MemorySegment.ofAddress(weight),
                product.weight(),
                MemorySegment.ofAddress(in),
                product.in(),
                product.factorOfOut(),
                MemorySegment.ofAddress(out),
                product.out(),
                MemorySegment.ofAddress(out),
                product.out(),
                product.algorithm(),
                MemorySegment.ofAddress(workspace),
                (long) Matmul.WORKSPACE_BYTES,
                MemorySegment.ofAddress(stream));
    }

    static void destroy(Product product) {
        call("layout", LAYOUT_DESTROY, product.weight());
        call("layout", LAYOUT_DESTROY, product.in());
        call("layout", LAYOUT_DESTROY, product.out());
        call("description", DESC_DESTROY, product.description());
    }
}
