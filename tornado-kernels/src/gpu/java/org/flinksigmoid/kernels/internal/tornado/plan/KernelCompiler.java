package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.drivers.common.utils.CompilerUtil;
import uk.ac.manchester.tornado.runtime.TornadoCoreRuntime;
import uk.ac.manchester.tornado.runtime.graal.backend.XPUBackend;
import uk.ac.manchester.tornado.runtime.profiler.EmptyProfiler;
import uk.ac.manchester.tornado.runtime.sketcher.Sketch;
import uk.ac.manchester.tornado.runtime.tasks.CompilableTask;
import uk.ac.manchester.tornado.runtime.tasks.meta.ScheduleContext;

/**
 * Lets TornadoVM make machine code of kernels: of each with the same constants once a process.
 * Numbers are constants of the code; arrays stay parameters.
 */
final class KernelCompiler {
    private static final KernelContext CONTEXT = new KernelContext();
    private static final IntArray INTS = new IntArray(1);
    private static final FloatArray FLOATS = new FloatArray(1);
    private static final HalfFloatArray HALVES = new HalfFloatArray(1);

    private final CodeTarget target;
    private final Map<Variant, Long> functions = new HashMap<>();

    /** Fair, so that a batch that waits for a kernel comes before what is compiled ahead. */
    private final ReentrantLock compiling = new ReentrantLock(true);

    /** A kernel and what is constant in it; arrays are there by their type. */
    private record Variant(Method kernel, List<Object> constants) {}

    KernelCompiler(CodeTarget target) {
        this.target = target;
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
            return target.load(kernel, "t" + functions.size(), arguments);
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

    /** What a kernel is launched with, see {@link CodeTarget#passed}. */
    List<Object> passed(Object... arguments) {
        return target.passed(arguments);
    }

    /** A kernel as TornadoVM's compilers want it. */
    static CompilableTask task(
            Method kernel, String name, Object[] arguments, TornadoDevice device) {
        var task = new CompilableTask(new ScheduleContext("flinksigmoid"), name, kernel, arguments);
        task.meta().setDevice(device);
        task.attachProfiler(new EmptyProfiler());
        return task;
    }

    /** Its graph, before anything is known of the device. */
    static Sketch sketch(Method kernel, CompilableTask task, XPUBackend<?> backend) {
        return CompilerUtil.buildSketchForJavaMethod(
                TornadoCoreRuntime.getTornadoRuntime().resolveMethod(kernel),
                task.meta(),
                backend.getProviders(),
                backend.getTornadoSuites());
    }
}
