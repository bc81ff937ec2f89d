package org.flinksigmoid.kernels.internal.tornado.tiles;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.graal.compiler.nodes.ValueNode;
import jdk.graal.compiler.nodes.graphbuilderconf.GraphBuilderContext;
import jdk.graal.compiler.nodes.graphbuilderconf.InvocationPlugin;
import jdk.graal.compiler.nodes.graphbuilderconf.InvocationPlugins;
import jdk.vm.ci.meta.JavaKind;
import jdk.vm.ci.meta.JavaType;
import jdk.vm.ci.meta.ResolvedJavaMethod;
import org.flinksigmoid.kernels.internal.tornado.tiles.TileNode.ArrayUse;
import org.flinksigmoid.kernels.internal.tornado.tiles.TileNode.Result;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.drivers.cuda.CUDABackendImpl;
import uk.ac.manchester.tornado.runtime.TornadoCoreRuntime;

/**
 * Teaches TornadoVM's CUDA compiler the methods of {@link WarpTile}, from outside: TornadoVM itself
 * is not changed. The names used here are no public interface of TornadoVM, so they are used only
 * with the versions they were tried with.
 */
public final class TilePlugins {
    /** TornadoVM versions whose compiler was tried with these plugins. */
    private static final String TRIED_VERSION = "5.2.0";

    /** Array header that the text was written for, in bytes. */
    private static final int HEADER = 16;

    private static final AtomicBoolean REGISTERED = new AtomicBoolean();

    private TilePlugins() {}

    /**
     * Registers the intrinsics, once a process.
     *
     * @return why tile kernels can't be used, or empty if they can
     */
    public static synchronized Optional<String> register() {
        Optional<String> untried = untried(tornadoVersion());
        if (untried.isPresent()) {
            return untried;
        }
        int header = TornadoCoreRuntime.getVMConfig().getArrayBaseOffset(JavaKind.Short);
        if (header != HEADER) {
            return Optional.of(
                    "array header: expected %d bytes, found %d".formatted(HEADER, header));
        }
        if (REGISTERED.compareAndSet(false, true)) {
            var backend = TornadoCoreRuntime.getTornadoRuntime().getBackend(CUDABackendImpl.class);
            register(
                    backend.getProviders()
                            .getReplacements()
                            .getGraphBuilderPlugins()
                            .getInvocationPlugins());
        }
        return Optional.empty();
    }

    /** Why tile kernels can't be used with a version, such as 5.2.0-jdk25, if so. */
    static Optional<String> untried(String version) {
        return version.equals(TRIED_VERSION) || version.startsWith(TRIED_VERSION + "-")
                ? Optional.empty()
                : Optional.of(
                        "tile kernels were tried with TornadoVM %s, found %s"
                                .formatted(TRIED_VERSION, version));
    }

    /** TornadoVM's version, from its jar's module. */
    private static String tornadoVersion() {
        return KernelContext.class.getModule().getDescriptor() == null
                ? "unknown"
                : KernelContext.class.getModule().getDescriptor().rawVersion().orElse("unknown");
    }

    private static void register(InvocationPlugins plugins) {
        plugins.register(WarpTile.class, new LaunchBounds());
        floats(plugins, "accumulator", TileSource.ACCUMULATOR);
        nothing(plugins, "zero", TileSource.ZERO);
        floats(plugins, "scores", TileSource.SCORES);
        halves(plugins, "probabilities", TileSource.PROBABILITIES);
        floats(plugins, "guard", TileSource.GUARD);
        number(plugins, "place", TileSource.PLACE);
        number(plugins, "source", TileSource.SOURCE);
        number(plugins, "row", TileSource.ROW);
        number(plugins, "warp", TileSource.WARP);
        number(plugins, "keyLane", TileSource.KEY_LANE);
        number(plugins, "valueLane", TileSource.VALUE_LANE);
        Optional<ArrayUse> read = Optional.of(new ArrayUse(2, Access.READ_ONLY));
        Optional<ArrayUse> write = Optional.of(new ArrayUse(4, Access.WRITE_ONLY));
        add(plugins, "copyRows", TileSource.COPY_ROWS, Result.NOTHING, read);
        add(plugins, "copyRowsOrZero", TileSource.COPY_ROWS_OR_ZERO, Result.NOTHING, read);
        halves(plugins, "load", TileSource.LOAD);
        floats(plugins, "rowStarts", TileSource.ROW_STARTS);
        nothing(plugins, "multiply", TileSource.MULTIPLY);
        nothing(plugins, "alibi", TileSource.ALIBI);
        nothing(plugins, "mask", TileSource.MASK);
        nothing(plugins, "sigmoid", TileSource.SIGMOID);
        number(plugins, "anyOutOfRange", TileSource.ANY_OUT_OF_RANGE);
        nothing(plugins, "arrive", TileSource.ARRIVE);
        nothing(plugins, "await", TileSource.AWAIT);
        nothing(plugins, "accumulate", TileSource.ACCUMULATE);
        add(plugins, "store", TileSource.STORE, Result.NOTHING, write);
        RowPlugins.register(plugins);
        WarpgroupPlugins.register(plugins);
    }

    private static void nothing(InvocationPlugins plugins, String name, String template) {
        add(plugins, name, template, Result.NOTHING, Optional.empty());
    }

    private static void number(InvocationPlugins plugins, String name, String template) {
        add(plugins, name, template, Result.NUMBER, Optional.empty());
    }

    private static void floats(InvocationPlugins plugins, String name, String template) {
        add(plugins, name, template, Result.FLOATS, Optional.empty());
    }

    private static void halves(InvocationPlugins plugins, String name, String template) {
        add(plugins, name, template, Result.HALVES, Optional.empty());
    }

    private static void add(
            InvocationPlugins plugins,
            String name,
            String template,
            Result result,
            Optional<ArrayUse> array) {
        add(plugins, WarpTile.class, name, template, result, array);
    }

    /** Registers the text behind a method of {@code owner}. */
    static void add(
            InvocationPlugins plugins,
            Class<?> owner,
            String name,
            String template,
            Result result,
            Optional<ArrayUse> array) {
        add(plugins, owner, name, TileText.of(template), result, array);
    }

    /** The same with text already made. */
    static void add(
            InvocationPlugins plugins,
            Class<?> owner,
            String name,
            TileText text,
            Result result,
            Optional<ArrayUse> array) {
        plugins.register(owner, new Intrinsic(name, signature(owner, name), text, result, array));
    }

    private static Class<?>[] signature(Class<?> owner, String name) {
        return Arrays.stream(owner.getMethods())
                .filter(method -> method.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no tile intrinsic " + name))
                .getParameterTypes();
    }

    /** A method of WarpTile that becomes one {@link TileNode}. */
    private static final class Intrinsic extends InvocationPlugin {
        private final TileText text;
        private final Result result;
        private final Optional<ArrayUse> array;

        Intrinsic(
                String name,
                Class<?>[] signature,
                TileText text,
                Result result,
                Optional<ArrayUse> array) {
            super(name, signature);
            this.text = text;
            this.result = result;
            this.array = array;
        }

        @Override
        public boolean execute(
                GraphBuilderContext builder,
                ResolvedJavaMethod method,
                Receiver receiver,
                ValueNode[] arguments) {
            TileNode node = new TileNode(text, result, array, arguments);
            if (result == Result.NOTHING) {
                builder.add(node);
            } else {
                builder.addPush(result.java, node);
            }
            return true;
        }
    }

    /**
     * The backend prints {@code extern "C" __global__ void name(...) {}; redeclaring the kernel
     * inside its own body adds the attribute that the backend has no way to ask for.
     */
    private static final class LaunchBounds extends InvocationPlugin {
        LaunchBounds() {
            super("launchBounds", int.class, int.class);
        }

        @Override
        public boolean execute(
                GraphBuilderContext builder,
                ResolvedJavaMethod method,
                Receiver receiver,
                ValueNode[] arguments) {
            ResolvedJavaMethod kernel = builder.getGraph().method();
            var declaration = new StringBuilder("__global__ void __launch_bounds__($0,$1) ");
            declaration
                    .append(kernel.getName())
                    .append("(long long *, unsigned char *, unsigned char *, int *");
            for (JavaType type : kernel.toParameterTypes()) {
                if (!type.getName().endsWith("/KernelContext;")) {
                    declaration
                            .append(", ")
                            .append(
                                    type.getJavaKind() == JavaKind.Object
                                            ? "unsigned char *"
                                            : type.getJavaKind().getJavaName());
                }
            }
            builder.add(
                    new TileNode(
                            TileText.unlessZero(1, declaration.append(");").toString()),
                            Result.NOTHING,
                            Optional.empty(),
                            arguments));
            return true;
        }
    }
}
