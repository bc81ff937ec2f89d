package org.flinksigmoid.kernels.internal.tornado.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.backend.DeviceFailureException;

/** NVIDIA's runtime compiler, by the names of {@code nvrtc.h} (12 and 13). */
@SuppressWarnings("restricted") // calling native code is its purpose
public final class Nvrtc {
    private static final Native LIBRARY =
            new Native("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so");

    private static final MethodHandle CREATE =
            LIBRARY.function(
                    "nvrtcCreateProgram", ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle DESTROY = LIBRARY.function("nvrtcDestroyProgram", ADDRESS);
    private static final MethodHandle COMPILE =
            LIBRARY.function("nvrtcCompileProgram", ADDRESS, JAVA_INT, ADDRESS);
    private static final MethodHandle LOG_SIZE =
            LIBRARY.function("nvrtcGetProgramLogSize", ADDRESS, ADDRESS);
    private static final MethodHandle LOG =
            LIBRARY.function("nvrtcGetProgramLog", ADDRESS, ADDRESS);
    private static final MethodHandle CUBIN_SIZE =
            LIBRARY.function("nvrtcGetCUBINSize", ADDRESS, ADDRESS);
    private static final MethodHandle CUBIN = LIBRARY.function("nvrtcGetCUBIN", ADDRESS, ADDRESS);

    private Nvrtc() {}

    /**
     * Machine code of CUDA C.
     *
     * @param architecture such as {@code sm_90a}
     * @throws DeviceFailureException with the compiler's words if it refuses
     */
    public static byte[] compile(String source, String architecture) {
        List<String> options = new ArrayList<>(List.of("--gpu-architecture=" + architecture));
        try {
            return compile(source, architecture, options);
        } catch (DeviceFailureException e) {
            // Some NVRTC 12 have cuda_fp16.h built in and fail on CUDA's file; NVRTC 13 needs it.
            if (!e.getMessage().contains("could not open source file")) {
                throw e;
            }
            headers().forEach(folder -> options.add("--include-path=" + folder));
            return compile(source, architecture, options);
        }
    }

    /** Where TornadoVM looks for CUDA's headers, too. */
    private static Stream<Path> headers() {
        return Stream.concat(
                        Stream.of("CUDA_PATH", "CUDA_HOME", "CUDA_ROOT")
                                .map(System::getenv)
                                .filter(Objects::nonNull)
                                .map(root -> Path.of(root, "include")),
                        Stream.of(Path.of("/usr/local/cuda/include"), Path.of("/usr/include")))
                .filter(folder -> Files.exists(folder.resolve("cuda_fp16.h")))
                .distinct();
    }

    private static byte[] compile(String source, String architecture, List<String> options) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = arena.allocate(ADDRESS);
            int none = 0;
            check(
                    "creating a program",
                    (int)
                            CREATE.invokeExact(
                                    handle,
                                    arena.allocateFrom(source),
                                    arena.allocateFrom("kernel.cu"),
                                    none,
                                    MemorySegment.NULL,
                                    MemorySegment.NULL));
            MemorySegment program = handle.get(ADDRESS, 0);
            try {
                int count = options.size();
                MemorySegment texts = arena.allocate(ADDRESS, count);
                for (int i = 0; i < count; i++) {
                    texts.setAtIndex(ADDRESS, i, arena.allocateFrom(options.get(i)));
                }
                int status = (int) COMPILE.invokeExact(program, count, texts);
                if (status != 0) {
                    throw new DeviceFailureException(
                            "NVRTC refuses a kernel for %s (%d): %s"
                                    .formatted(architecture, status, log(arena, program)),
                            false);
                }
                MemorySegment cubin = text(arena, program, "code", CUBIN_SIZE, CUBIN);
                return cubin.toArray(JAVA_BYTE);
            } finally {
                check("freeing a program", (int) DESTROY.invokeExact(handle));
            }
        } catch (DeviceFailureException e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected("NVRTC", e);
        }
    }

    private static String log(Arena arena, MemorySegment program) throws Throwable {
        return text(arena, program, "log", LOG_SIZE, LOG).getString(0).strip();
    }

    private static MemorySegment text(
            Arena arena, MemorySegment program, String what, MethodHandle size, MethodHandle get)
            throws Throwable {
        MemorySegment bytes = arena.allocate(JAVA_LONG);
        check(what, (int) size.invokeExact(program, bytes));
        MemorySegment text = arena.allocate(Math.max(1, bytes.get(JAVA_LONG, 0)));
        check(what, (int) get.invokeExact(program, text));
        return text;
    }

    private static void check(String what, int status) {
        if (status != 0) {
            throw new DeviceFailureException("NVRTC: %s: %d".formatted(what, status), false);
        }
    }
}
