package org.flinksigmoid.kernels.internal.tornado.driver;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.flinksigmoid.kernels.backend.DeviceFailureException;

/** Functions of a native library that return a status. */
@SuppressWarnings("restricted") // calling native code is its purpose
final class Native {
    private final List<String> names;
    private final SymbolLookup library;

    /** The first of these libraries that the system's loader finds. */
    Native(String... names) {
        this.names = List.of(names);
        this.library = find(this.names);
    }

    private static SymbolLookup find(List<String> names) {
        for (String name : names) {
            try {
                return SymbolLookup.libraryLookup(name, Arena.global());
            } catch (IllegalArgumentException e) {
                continue;
            }
        }
        throw new DeviceFailureException(
                "not found on LD_LIBRARY_PATH: " + String.join(" or ", names), false);
    }

    /** A function that returns an int. */
    MethodHandle function(String name, ValueLayout... arguments) {
        return Linker.nativeLinker()
                .downcallHandle(
                        library.find(name)
                                .orElseThrow(
                                        () ->
                                                new DeviceFailureException(
                                                        names + " has no " + name, false)),
                        FunctionDescriptor.of(JAVA_INT, arguments));
    }

    /** What a call that can't throw threw. */
    static RuntimeException unexpected(String what, Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return new DeviceFailureException(what + " could not be called", thrown);
    }
}
