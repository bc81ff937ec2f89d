package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import jdk.vm.ci.meta.ResolvedJavaMethod;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.Nvrtc;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.drivers.common.utils.CompilerUtil;
import uk.ac.manchester.tornado.drivers.cuda.CUDABackendImpl;
import uk.ac.manchester.tornado.drivers.cuda.graal.CUDAInstalledCode;
import uk.ac.manchester.tornado.drivers.cuda.graal.CUDAProviders;
import uk.ac.manchester.tornado.drivers.cuda.graal.backend.CUDABackend;
import uk.ac.manchester.tornado.drivers.cuda.graal.compiler.CUDACompilationResult;
import uk.ac.manchester.tornado.drivers.cuda.graal.compiler.CUDACompiler;
import uk.ac.manchester.tornado.drivers.cuda.runtime.CUDATornadoDevice;
import uk.ac.manchester.tornado.runtime.TornadoCoreRuntime;
import uk.ac.manchester.tornado.runtime.profiler.EmptyProfiler;
import uk.ac.manchester.tornado.runtime.tasks.CompilableTask;
import uk.ac.manchester.tornado.runtime.tasks.meta.ScheduleContext;

/**
 * Lets TornadoVM make machine code of kernels: of each with the same constants once a process.
 * Numbers are constants of the code; arrays stay parameters.
 */
@SuppressWarnings("restricted") // reads the handle of what was compiled
final class KernelCompiler {
    private static final String WARPGROUP_INSTRUCTIONS = "wgmma.";

    /** What a block may have at compute capability 9.0. */
    private static final int MOST_SHARED_BYTES = 227 * 1024;

    private static final KernelContext CONTEXT = new KernelContext();
    private static final IntArray INTS = new IntArray(1);
    private static final FloatArray FLOATS = new FloatArray(1);
    private static final HalfFloatArray HALVES = new HalfFloatArray(1);

    /** Makes machine code of what TornadoVM compiled, and loads it. */
    @FunctionalInterface
    private interface Loader {
        /** The driver's handle. */
        long load(CUDACompilationResult result, String source);
    }

    private final CUDATornadoDevice device;
    private final Card card;
    private final Loader loader;
    private final Map<Variant, Long> functions = new HashMap<>();

    /** Fair, so that a batch that waits for a kernel comes before what is compiled ahead. */
    private final ReentrantLock compiling = new ReentrantLock(true);

    /** A kernel and what is constant in it; arrays are there by their type. */
    private record Variant(Method kernel, List<Object> constants) {}

    private KernelCompiler(CUDATornadoDevice device, Card card, Loader loader) {
        this.device = device;
        this.card = card;
        this.loader = loader;
    }

    /**
     * A compiler for a card in TornadoVM's context: TornadoVM calls NVRTC and loads.
     *
     * @param plan number under which TornadoVM keeps the code
     * @param card where code goes that TornadoVM does not load itself
     */
    static KernelCompiler installing(CUDATornadoDevice device, long plan, Card card) {
        return new KernelCompiler(device, card, (result, source) -> install(device, plan, result));
    }

    /** A compiler for a card in a context that TornadoVM does not know. */
    static KernelCompiler loading(CUDATornadoDevice device, Card card) {
        return new KernelCompiler(
                device,
                card,
                (result, source) ->
                        card.load(
                                Nvrtc.compile(source, "sm_" + card.capability()),
                                result.getName(),
                                0));
    }

    /**
     * The driver's handle of a kernel; this thread uses the card afterwards.
     *
     * @param arguments a {@link Region}, an Integer or a Float for each parameter but the first,
     *     which is the {@link KernelContext}
     * @throws DeviceFailureException if it doesn't compile
     */
    long function(Class<?> owner, String name, List<Object> arguments) {
        Method method = method(owner, name, arguments.size() + 1);
        List<Object> constants = new ArrayList<>();
        for (Object argument : arguments) {
            constants.add(argument instanceof Region region ? region.type() : argument);
        }
        compiling.lock();
        try {
            return functions.computeIfAbsent(new Variant(method, constants), this::compile);
        } finally {
            compiling.unlock();
        }
    }

    private static Method method(Class<?> owner, String name, int parameters) {
        for (Method method : owner.getDeclaredMethods()) {
            if (method.getName().equals(name) && Modifier.isPublic(method.getModifiers())) {
                if (method.getParameterCount() != parameters) {
                    throw new IllegalArgumentException(
                            "kernel %s: expected %d parameters, found %d"
                                    .formatted(name, method.getParameterCount(), parameters));
                }
                return method;
            }
        }
        throw new IllegalArgumentException("no kernel " + name + " in " + owner);
    }

    private long compile(Variant variant) {
        Object[] arguments = new Object[variant.constants().size() + 1];
        arguments[0] = CONTEXT;
        for (int i = 1; i < arguments.length; i++) {
            arguments[i] = stand(variant.constants().get(i - 1));
        }
        Method kernel = variant.kernel();
        try {
            CUDACompilationResult result = compile(kernel, "t" + functions.size(), arguments);
            card.attach(); // TornadoVM makes its own context the thread's, when it starts at least
            return load(result);
        } catch (RuntimeException | LinkageError e) {
            throw new DeviceFailureException(
                    "kernel %s does not compile for the GPU: %s"
                            .formatted(kernel.getName(), e.getMessage()),
                    e);
        }
    }

    /** What TornadoVM takes for an argument: an array stands for every one of its type. */
    private static Object stand(Object constant) {
        return switch (constant) {
            case Region.Type type ->
                    switch (type) {
                        case INTS -> INTS;
                        case FLOATS -> FLOATS;
                        case HALVES -> HALVES;
                    };
            default -> constant;
        };
    }

    /**
     * TornadoVM asks NVRTC for sm_90, which has no instructions for Hopper's matrix unit, and lets
     * no kernel have more than 48 KB of shared memory. Text with those goes to NVRTC from here.
     */
    private long load(CUDACompilationResult result) {
        String source = new String(result.getTargetCode(), StandardCharsets.UTF_8);
        MoveOrder.fault(source)
                .ifPresent(
                        move -> {
                            throw new IllegalStateException(
                                    "TornadoVM moves a loop's variables in an order that loses one:"
                                            + " "
                                            + move);
                        });
        if (source.contains(WARPGROUP_INSTRUCTIONS)) {
            byte[] code = Nvrtc.compile(source, "sm_90a");
            return card.load(code, result.getName(), MOST_SHARED_BYTES);
        }
        return loader.load(result, source);
    }

    private static long install(CUDATornadoDevice device, long plan, CUDACompilationResult result) {
        CUDAInstalledCode code = device.getDeviceContext().installCode(plan, result);
        // The handle points to a structure that starts with the driver's CUfunction.
        return MemorySegment.ofAddress(code.getKernel().getOclKernelID())
                .reinterpret(Long.BYTES)
                .get(ValueLayout.JAVA_LONG, 0);
    }

    private CUDACompilationResult compile(Method kernel, String task, Object[] arguments) {
        TornadoCoreRuntime runtime = TornadoCoreRuntime.getTornadoRuntime();
        CUDABackend backend = runtime.getBackend(CUDABackendImpl.class).getDefaultBackend();
        CUDAProviders providers = (CUDAProviders) backend.getProviders();
        ResolvedJavaMethod resolved = runtime.resolveMethod(kernel);
        var compilable =
                new CompilableTask(new ScheduleContext("flinksigmoid"), task, kernel, arguments);
        compilable.meta().setDevice(device);
        compilable.attachProfiler(new EmptyProfiler());
        var sketch =
                CompilerUtil.buildSketchForJavaMethod(
                        resolved, compilable.meta(), providers, backend.getTornadoSuites());
        return CUDACompiler.compileSketchForDevice(
                sketch, compilable, providers, backend, new EmptyProfiler());
    }
}
