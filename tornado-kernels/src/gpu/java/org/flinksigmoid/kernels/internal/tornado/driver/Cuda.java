package org.flinksigmoid.kernels.internal.tornado.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Set;
import org.flinksigmoid.kernels.backend.DeviceFailureException;

/**
 * The functions of the CUDA driver that {@link Card} needs, by the names of {@code cuda.h} (12 and
 * 13). Each throws {@link DeviceFailureException} if its status is not 0.
 */
@SuppressWarnings("restricted") // calling native code is its purpose
final class Cuda {
    /** Statuses after which a context is of no more use: faults of kernels and of the card. */
    private static final Set<Integer> FATAL =
            Set.of(
                    4, 46, 101, 201, 214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719,
                    999);

    /** Only this thread's unsafe calls are refused while it captures. */
    private static final int THREAD_LOCAL = 1;

    /** A function's attribute. */
    private static final int MAX_DYNAMIC_SHARED_BYTES = 8;

    /** The driver's flag for it. */
    private static final int WRITE_COMBINED = 4;

    /** The driver's flag for an event. */
    private static final int TIMELESS = 2;

    static final Native LIBRARY = new Native("libcuda.so.1");

    private static final MethodHandle GET_DEVICE =
            LIBRARY.function("cuDeviceGet", ADDRESS, JAVA_INT);
    private static final MethodHandle RETAIN_PRIMARY =
            LIBRARY.function("cuDevicePrimaryCtxRetain", ADDRESS, JAVA_INT);
    private static final MethodHandle SET_CURRENT = LIBRARY.function("cuCtxSetCurrent", ADDRESS);
    private static final MethodHandle ALLOCATE =
            LIBRARY.function("cuMemAlloc_v2", ADDRESS, JAVA_LONG);
    private static final MethodHandle FREE = LIBRARY.function("cuMemFree_v2", JAVA_LONG);
    private static final MethodHandle ALLOCATE_HOST =
            LIBRARY.function("cuMemHostAlloc", ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle FREE_HOST = LIBRARY.function("cuMemFreeHost", ADDRESS);
    private static final MethodHandle INFO = LIBRARY.function("cuMemGetInfo_v2", ADDRESS, ADDRESS);
    private static final MethodHandle UP =
            LIBRARY.function("cuMemcpyHtoDAsync_v2", JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle DOWN =
            LIBRARY.function("cuMemcpyDtoHAsync_v2", ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS);
    private static final MethodHandle SET =
            LIBRARY.function("cuMemsetD8Async", JAVA_LONG, JAVA_BYTE, JAVA_LONG, ADDRESS);
    private static final MethodHandle STREAM =
            LIBRARY.function("cuStreamCreate", ADDRESS, JAVA_INT);
    private static final MethodHandle SYNCHRONIZE =
            LIBRARY.function("cuStreamSynchronize", ADDRESS);
    private static final MethodHandle EVENT = LIBRARY.function("cuEventCreate", ADDRESS, JAVA_INT);
    private static final MethodHandle RECORD = LIBRARY.function("cuEventRecord", ADDRESS, ADDRESS);
    private static final MethodHandle AWAIT = LIBRARY.function("cuEventSynchronize", ADDRESS);
    private static final MethodHandle BETWEEN =
            LIBRARY.function("cuEventElapsedTime", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle DESTROY_EVENT =
            LIBRARY.function("cuEventDestroy_v2", ADDRESS);
    private static final MethodHandle BEGIN =
            LIBRARY.function("cuStreamBeginCapture_v2", ADDRESS, JAVA_INT);
    private static final MethodHandle END =
            LIBRARY.function("cuStreamEndCapture", ADDRESS, ADDRESS);
    private static final MethodHandle INSTANTIATE =
            LIBRARY.function("cuGraphInstantiateWithFlags", ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle LAUNCH_GRAPH =
            LIBRARY.function("cuGraphLaunch", ADDRESS, ADDRESS);
    private static final MethodHandle DESTROY_GRAPH = LIBRARY.function("cuGraphDestroy", ADDRESS);
    private static final MethodHandle DESTROY_EXEC =
            LIBRARY.function("cuGraphExecDestroy", ADDRESS);
    private static final MethodHandle LAUNCH =
            LIBRARY.function(
                    "cuLaunchKernel",
                    ADDRESS,
                    JAVA_INT,
                    JAVA_INT,
                    JAVA_INT,
                    JAVA_INT,
                    JAVA_INT,
                    JAVA_INT,
                    JAVA_INT,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS);
    private static final MethodHandle LOAD = LIBRARY.function("cuModuleLoadData", ADDRESS, ADDRESS);
    private static final MethodHandle FUNCTION =
            LIBRARY.function("cuModuleGetFunction", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle SET_ATTRIBUTE =
            LIBRARY.function("cuFuncSetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle DEVICE = LIBRARY.function("cuCtxGetDevice", ADDRESS);
    private static final MethodHandle ATTRIBUTE =
            LIBRARY.function("cuDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle COPY =
            LIBRARY.function("cuMemcpyHtoD_v2", JAVA_LONG, ADDRESS, JAVA_LONG);
    private static final MethodHandle ERROR_NAME =
            LIBRARY.function("cuGetErrorName", JAVA_INT, ADDRESS);

    private Cuda() {}

    /** A call that returns a status. */
    @FunctionalInterface
    interface Call {
        int run() throws Throwable;
    }

    static void check(String what, Call call) {
        int status;
        try {
            status = call.run();
        } catch (Throwable e) {
            throw Native.unexpected(what, e);
        }
        if (status != 0) {
            throw new DeviceFailureException(
                    "the GPU failed: %s: %s (%d)".formatted(what, name(status), status),
                    FATAL.contains(status));
        }
    }

    private static String name(int status) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ADDRESS);
            if ((int) ERROR_NAME.invokeExact(status, pointer) != 0) {
                return "unknown error";
            }
            return pointer.get(ADDRESS, 0).reinterpret(Long.MAX_VALUE).getString(0);
        } catch (Throwable e) {
            throw Native.unexpected("error name", e);
        }
    }

    /** A call whose first argument receives a pointer. */
    @FunctionalInterface
    private interface PointerCall {
        int run(MemorySegment pointer) throws Throwable;
    }

    private static MemorySegment made(String what, PointerCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ADDRESS);
            check(what, () -> call.run(pointer));
            return pointer.get(ADDRESS, 0);
        }
    }

    /** The primary context of a card, by its index; it stays. */
    static MemorySegment contextOn(int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            check("device " + index, () -> (int) GET_DEVICE.invokeExact(value, index));
            int device = value.get(JAVA_INT, 0);
            return made(
                    "a context on device " + index,
                    context -> (int) RETAIN_PRIMARY.invokeExact(context, device));
        }
    }

    static void setCurrent(MemorySegment context) {
        check("choosing the context", () -> (int) SET_CURRENT.invokeExact(context));
    }

    static long allocate(long bytes) {
        return made(
                        "allocating " + bytes + " bytes",
                        pointer -> (int) ALLOCATE.invokeExact(pointer, bytes))
                .address();
    }

    static void free(long address) {
        check("freeing memory", () -> (int) FREE.invokeExact(address));
    }

    /**
     * Pinned memory.
     *
     * @param combined whether writes go past the caches; reading it is slow then
     */
    static MemorySegment allocateHost(long bytes, boolean combined) {
        int flags = combined ? WRITE_COMBINED : 0;
        return made(
                        "allocating " + bytes + " bytes of pinned memory",
                        pointer -> (int) ALLOCATE_HOST.invokeExact(pointer, bytes, flags))
                .reinterpret(bytes);
    }

    static void freeHost(MemorySegment memory) {
        check("freeing pinned memory", () -> (int) FREE_HOST.invokeExact(memory));
    }

    /** Free bytes of the current device. */
    static long freeBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(JAVA_LONG);
            MemorySegment total = arena.allocate(JAVA_LONG);
            check("memory's size", () -> (int) INFO.invokeExact(free, total));
            return free.get(JAVA_LONG, 0);
        }
    }

    static void up(long to, MemorySegment from, long bytes, MemorySegment stream) {
        check("copy to the device", () -> (int) UP.invokeExact(to, from, bytes, stream));
    }

    static void down(MemorySegment to, long from, long bytes, MemorySegment stream) {
        check("copy from the device", () -> (int) DOWN.invokeExact(to, from, bytes, stream));
    }

    static void clear(long address, long bytes, MemorySegment stream) {
        byte zero = 0;
        check("clearing memory", () -> (int) SET.invokeExact(address, zero, bytes, stream));
    }

    static MemorySegment newStream() {
        int nonBlocking = 1;
        return made("a stream", pointer -> (int) STREAM.invokeExact(pointer, nonBlocking));
    }

    static void synchronize(MemorySegment stream) {
        check("running", () -> (int) SYNCHRONIZE.invokeExact(stream));
    }

    /** An event. */
    static MemorySegment newEvent(boolean timed) {
        int flags = timed ? 0 : TIMELESS;
        return made("an event", event -> (int) EVENT.invokeExact(event, flags));
    }

    /** Milliseconds between two timed events that have come. */
    static float between(MemorySegment start, MemorySegment end) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(JAVA_FLOAT);
            check("time between events", () -> (int) BETWEEN.invokeExact(time, start, end));
            return time.get(JAVA_FLOAT, 0);
        }
    }

    static void record(MemorySegment event, MemorySegment stream) {
        check("noting an event", () -> (int) RECORD.invokeExact(event, stream));
    }

    static void await(MemorySegment event) {
        check("running", () -> (int) AWAIT.invokeExact(event));
    }

    static void destroyEvent(MemorySegment event) {
        check("freeing an event", () -> (int) DESTROY_EVENT.invokeExact(event));
    }

    static void beginCapture(MemorySegment stream) {
        int mode = THREAD_LOCAL;
        check("capture", () -> (int) BEGIN.invokeExact(stream, mode));
    }

    static MemorySegment endCapture(MemorySegment stream) {
        return made("end of capture", graph -> (int) END.invokeExact(stream, graph));
    }

    static MemorySegment instantiate(MemorySegment graph) {
        long flags = 0;
        return made("making a graph", exec -> (int) INSTANTIATE.invokeExact(exec, graph, flags));
    }

    static void launchGraph(MemorySegment exec, MemorySegment stream) {
        check("launch", () -> (int) LAUNCH_GRAPH.invokeExact(exec, stream));
    }

    static void destroyGraph(MemorySegment graph) {
        check("freeing a graph", () -> (int) DESTROY_GRAPH.invokeExact(graph));
    }

    static void destroyExec(MemorySegment exec) {
        check("freeing a graph", () -> (int) DESTROY_EXEC.invokeExact(exec));
    }

    /** A kernel of machine code, allowed so much dynamic shared memory; 0: as usual. */
    static MemorySegment load(byte[] code, String kernel, int sharedBytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment image = arena.allocateFrom(JAVA_BYTE, code);
            MemorySegment name = arena.allocateFrom(kernel);
            MemorySegment module = made("loading code", to -> (int) LOAD.invokeExact(to, image));
            MemorySegment function =
                    made("finding code", to -> (int) FUNCTION.invokeExact(to, module, name));
            if (sharedBytes > 0) {
                int attribute = MAX_DYNAMIC_SHARED_BYTES;
                check(
                        "shared memory of " + sharedBytes + " bytes",
                        () -> (int) SET_ATTRIBUTE.invokeExact(function, attribute, sharedBytes));
            }
            return function;
        }
    }

    /** A number of {@code CUdevice_attribute}, of the current device. */
    static int attribute(int attribute) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            check("current device", () -> (int) DEVICE.invokeExact(value));
            int device = value.get(JAVA_INT, 0);
            check(
                    "device attribute " + attribute,
                    () -> (int) ATTRIBUTE.invokeExact(value, attribute, device));
            return value.get(JAVA_INT, 0);
        }
    }

    /** Copies to the device, and waits until it is there, as other streams would not. */
    static void copy(long to, MemorySegment from) {
        long bytes = from.byteSize();
        check("copy to the device", () -> (int) COPY.invokeExact(to, from, bytes));
        synchronize(MemorySegment.NULL);
    }

    /** Queues a kernel of {@code x} by {@code y} blocks. */
    static void launch(
            String name,
            MemorySegment function,
            int x,
            int y,
            int threads,
            int sharedBytes,
            MemorySegment parameters,
            MemorySegment stream) {
        int one = 1;
        check(
                "launch of " + name,
                () ->
                        (int)
                                LAUNCH.invokeExact(
                                        function,
                                        x,
                                        y,
                                        one,
                                        threads,
                                        one,
                                        one,
                                        sharedBytes,
                                        stream,
                                        parameters,
                                        MemorySegment.NULL));
    }
}
