package org.flinksigmoid.kernels.internal.tornado;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.flinksigmoid.kernels.backend.Availability.Unavailable;

/**
 * What this JVM offers to the GPU backend, seen without loading any of it.
 *
 * @param built whether the GPU classes are in the jar
 * @param runtime whether TornadoVM's runtime and its cuda or ptx backend are modules of this JVM
 * @param flags whether TornadoVM's own flags are set (its argument file was used)
 * @param compilerOpen whether the compiler's packages are exported to this code
 * @param bailoutOff whether a kernel that doesn't compile fails, and isn't run on the CPU unseen
 * @param driver whether the CUDA driver library is there
 */
record TornadoHost(
        boolean built,
        boolean runtime,
        boolean flags,
        boolean compilerOpen,
        boolean bailoutOff,
        boolean driver) {
    static final String ENGINE =
            "org.flinksigmoid.kernels.internal.tornado.plan.TornadoEngineFactory";

    private static final String START =
            "Start Java with @$TORNADOVM_HOME/tornado-argfile @conf/gpu.options, as"
                    + " bin/flink-sigmoid does where TORNADOVM_HOME is set.";
    private static final String DRIVER = "libcuda.so.1";
    private static final List<String> LIBRARY_FOLDERS =
            List.of(
                    "/usr/lib/x86_64-linux-gnu",
                    "/usr/lib/aarch64-linux-gnu",
                    "/usr/lib64",
                    "/usr/lib",
                    "/lib64",
                    "/usr/local/nvidia/lib64",
                    "/usr/lib/wsl/lib");

    /** What this JVM has. */
    static TornadoHost observe() {
        ModuleLayer layer = ModuleLayer.boot();
        Optional<Module> compiler = layer.findModule("jdk.graal.compiler");
        return new TornadoHost(
                TornadoHost.class.getClassLoader().getResource(ENGINE.replace('.', '/') + ".class")
                        != null,
                layer.findModule("tornado.runtime").isPresent()
                        && (layer.findModule("tornado.drivers.cuda").isPresent()
                                || layer.findModule("tornado.drivers.ptx").isPresent()),
                System.getProperty("tornado.load.runtime.implementation") != null,
                compiler.isPresent()
                        && compiler.get()
                                .isExported(
                                        "jdk.graal.compiler.nodes.graphbuilderconf",
                                        TornadoHost.class.getModule()),
                "false".equalsIgnoreCase(System.getProperty("tornado.recover.bailout")),
                driverFolders().stream().anyMatch(f -> Files.exists(Path.of(f, DRIVER))));
    }

    private static List<String> driverFolders() {
        List<String> folders = new ArrayList<>();
        String path = System.getenv("LD_LIBRARY_PATH");
        if (path != null) {
            for (String folder : path.split(":")) {
                if (!folder.isEmpty()) {
                    folders.add(folder);
                }
            }
        }
        folders.addAll(LIBRARY_FOLDERS);
        return folders;
    }

    /** The first thing that is missing, and what to do about it. */
    Optional<Unavailable> missing() {
        if (!built) {
            return unavailable(
                    "the GPU backend is not built.",
                    "Set TORNADOVM_HOME to a TornadoVM 5.2.0-jdk25 SDK with the cuda backend and"
                            + " build again.");
        }
        if (!runtime) {
            return unavailable("TornadoVM is not on the module path of this JVM.", START);
        }
        if (!flags) {
            return unavailable("TornadoVM's JVM flags are not set.", START);
        }
        if (!compilerOpen) {
            return unavailable("TornadoVM's compiler is not exported to this code.", START);
        }
        if (!bailoutOff) {
            return unavailable(
                    "a kernel that fails to compile would run on the CPU unseen.",
                    "Start Java with -Dtornado.recover.bailout=False (it stands in"
                            + " conf/gpu.options).");
        }
        if (!driver) {
            return unavailable(
                    "there is no CUDA driver (" + DRIVER + ").",
                    "Install NVIDIA's driver, or put its folder on LD_LIBRARY_PATH.");
        }
        return Optional.empty();
    }

    private static Optional<Unavailable> unavailable(String reason, String remedy) {
        return Optional.of(new Unavailable(reason, remedy));
    }
}
