package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import jdk.graal.compiler.code.CompilationResult;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.runtime.TornadoAcceleratorBackend;
import uk.ac.manchester.tornado.runtime.TornadoCoreRuntime;
import uk.ac.manchester.tornado.runtime.profiler.EmptyProfiler;

/**
 * TornadoVM's ptx backend: PTX, of which the driver makes machine code. It has no tile kernels, so
 * the portable ones serve. An SDK has one backend, and this is compiled against that with the other
 * one: so its compiler is called by name.
 */
final class PtxTarget implements CodeTarget {
    /** Why there are no tile kernels. */
    static final String NO_TILES = "TornadoVM's ptx backend has no tile kernels";

    private static final String MODULE = "tornado.drivers.ptx";
    private static final String COMPILER =
            "uk.ac.manchester.tornado.drivers.ptx.graal.compiler.PTXCompiler";

    /** What TornadoVM passes before a kernel's own parameters, and none of ours uses. */
    private static final List<Object> UNUSED = Collections.nCopies(2, (Object) 0L);

    private final TornadoDevice device;
    private final Card card;

    private PtxTarget(TornadoDevice device, Card card) {
        this.device = device;
        this.card = card;
    }

    /** Whether this JVM has the ptx backend. */
    static boolean isThere() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }

    /** A card, in a context of its own. */
    static Device at(int index) {
        TornadoDevice device =
                TornadoCoreRuntime.getTornadoRuntime().getBackend(0).getDevice(index);
        Card card = Card.at(index, Device.name(device));
        return new Device(card, new PtxTarget(device, card));
    }

    @Override
    public long load(Method kernel, String name, Object[] arguments) {
        CompilationResult result = compile(kernel, name, arguments);
        card.attach(); // TornadoVM makes its own context the thread's, when it starts at least
        byte[] text = result.getTargetCode();
        return card.load(Arrays.copyOf(text, text.length + 1), result.getName(), 0); // ends with 0
    }

    /** Numbers are constants of the code; what lies in their places, of 8 bytes, nobody reads. */
    @Override
    public List<Object> passed(Object... arguments) {
        List<Object> all = new ArrayList<>(UNUSED);
        for (Object argument : arguments) {
            all.add(argument instanceof Region region ? region.header() : (Object) 0L);
        }
        return all;
    }

    private CompilationResult compile(Method kernel, String name, Object[] arguments) {
        TornadoAcceleratorBackend ptx = TornadoCoreRuntime.getTornadoRuntime().getBackend(0);
        var backend = ptx.getDefaultBackend();
        var task = KernelCompiler.task(kernel, name, arguments, device);
        var sketch = KernelCompiler.sketch(kernel, task, backend);
        try {
            Method compile =
                    Arrays.stream(Class.forName(COMPILER).getMethods())
                            .filter(method -> method.getName().equals("compileSketchForDevice"))
                            .findFirst()
                            .orElseThrow(NoSuchMethodException::new);
            return (CompilationResult)
                    compile.invoke(
                            null, sketch, task, ptx.getProviders(), backend, new EmptyProfiler());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("TornadoVM's ptx backend has no " + COMPILER, e);
        }
    }
}
