package org.flinksigmoid.operators.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;

/**
 * The CUDA driver beside the engine, in the context that the calling thread's last call of a model
 * left behind.
 */
@SuppressWarnings("restricted") // calling native code is its purpose
final class Driver {
    private static final int ILLEGAL_ADDRESS = 700;

    /** One thread that writes to an address where nothing is. */
    private static final String WILD_STORE =
            """
            .version 7.0
            .target sm_70
            .address_size 64
            .visible .entry wild_store() {
                .reg .u32 %value;
                .reg .u64 %address;
                mov.u32 %value, 1;
                mov.u64 %address, 64;
                st.global.u32 [%address], %value;
                ret;
            }
            """;

    private static final SymbolLookup LIBRARY =
            SymbolLookup.libraryLookup("libcuda.so.1", Arena.global());

    private Driver() {}

    /** Whether the driver only pretends to have a card; results mean nothing then. */
    static boolean isFake() {
        return System.getenv("FAKE_CUDA_FAULT") != null;
    }

    /** Cards that this process may use. */
    static int cards() {
        call("cuInit", 0);
        return number("cuDeviceGetCount");
    }

    /** Index of the card of the current context. */
    static int currentCard() {
        return number("cuCtxGetDevice");
    }

    private static int number(String function) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_INT);
            call(function, result);
            return result.get(JAVA_INT, 0);
        }
    }

    /** Bytes free on the card. */
    static long freeBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(JAVA_LONG);
            call("cuMemGetInfo_v2", free, arena.allocate(JAVA_LONG));
            return free.get(JAVA_LONG, 0);
        }
    }

    /**
     * Lets a kernel in the current context fail, without waiting for it: the context does not
     * survive that, whoever else uses it. The driver that pretends fails the next launch.
     */
    static void ruinContext() throws IOException {
        if (isFake()) {
            Path fault = Path.of(System.getenv("FAKE_CUDA_FAULT"));
            // Moved there whole: the driver must not read it half written.
            Path written = fault.resolveSibling(fault.getFileName() + ".written");
            Files.writeString(written, Integer.toString(ILLEGAL_ADDRESS));
            Files.move(written, fault, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        Arena forEver = Arena.global(); // the kernel may run after this returns
        MemorySegment module = forEver.allocate(ADDRESS);
        call("cuModuleLoadData", module, forEver.allocateFrom(WILD_STORE));
        MemorySegment kernel = forEver.allocate(ADDRESS);
        call(
                "cuModuleGetFunction",
                kernel,
                module.get(ADDRESS, 0),
                forEver.allocateFrom("wild_store"));
        MemorySegment none = MemorySegment.NULL;
        call("cuLaunchKernel", kernel.get(ADDRESS, 0), 1, 1, 1, 1, 1, 1, 0, none, none, none);
    }

    private static void call(String name, Object... arguments) {
        MemoryLayout[] types =
                Arrays.stream(arguments)
                        .map(argument -> argument instanceof Integer ? JAVA_INT : ADDRESS)
                        .toArray(MemoryLayout[]::new);
        try {
            Object status =
                    Linker.nativeLinker()
                            .downcallHandle(
                                    LIBRARY.findOrThrow(name),
                                    FunctionDescriptor.of(JAVA_INT, types))
                            .invokeWithArguments(arguments);
            assertThat(status).as(name).isEqualTo(0);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(name, e);
        }
    }
}
