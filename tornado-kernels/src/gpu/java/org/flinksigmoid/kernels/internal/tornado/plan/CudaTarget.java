package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.Nvrtc;
import org.flinksigmoid.kernels.internal.tornado.tiles.TilePlugins;
import uk.ac.manchester.tornado.drivers.cuda.CUDABackendImpl;
import uk.ac.manchester.tornado.drivers.cuda.graal.CUDAInstalledCode;
import uk.ac.manchester.tornado.drivers.cuda.graal.CUDAProviders;
import uk.ac.manchester.tornado.drivers.cuda.graal.backend.CUDABackend;
import uk.ac.manchester.tornado.drivers.cuda.graal.compiler.CUDACompilationResult;
import uk.ac.manchester.tornado.drivers.cuda.graal.compiler.CUDACompiler;
import uk.ac.manchester.tornado.drivers.cuda.runtime.CUDATornadoDevice;
import uk.ac.manchester.tornado.runtime.TornadoCoreRuntime;
import uk.ac.manchester.tornado.runtime.profiler.EmptyProfiler;

/** TornadoVM's cuda backend: CUDA C, of which NVRTC makes machine code. */
@SuppressWarnings("restricted") // reads the handle of what was compiled
final class CudaTarget implements CodeTarget {
    /** A plan's number that TornadoVM gives to none; its context serves everything here. */
    private static final long PLAN = Long.MAX_VALUE;

    private static final String WARPGROUP_INSTRUCTIONS = "wgmma.";

    /** What a block may have at compute capability 9.0. */
    private static final int MOST_SHARED_BYTES = 227 * 1024;

    /** What TornadoVM passes before a kernel's own parameters, and none of ours uses. */
    private static final List<Object> UNUSED = Collections.nCopies(4, (Object) 0L);

    /** Makes machine code of what TornadoVM compiled, and loads it. */
    @FunctionalInterface
    private interface Loader {
        /** The driver's handle. */
        long load(CUDACompilationResult result, String source);
    }

    private final CUDATornadoDevice device;
    private final Card card;
    private final Loader loader;

    private CudaTarget(CUDATornadoDevice device, Card card, Loader loader) {
        this.device = device;
        this.card = card;
        this.loader = loader;
    }

    /** The first card, in TornadoVM's context: TornadoVM calls NVRTC and loads. */
    static Device first() {
        CUDATornadoDevice device = tornados(0);
        Card card = new Card(Device.name(device), device.getNativeContext(PLAN));
        Loader loader = (result, source) -> install(device, result);
        return new Device(card, new CudaTarget(device, card, loader));
    }

    /**
     * Any card, in a context of its own: TornadoVM 5.2.0 has one, on the first card, and would load
     * kernels there whatever device it is asked for.
     */
    static Device at(int index) {
        CUDATornadoDevice device = tornados(index);
        Card card = Card.at(index, Device.name(device));
        Loader loader =
                (result, source) ->
                        card.load(
                                Nvrtc.compile(source, "sm_" + card.capability()),
                                result.getName(),
                                0);
        return new Device(card, new CudaTarget(device, card, loader));
    }

    private static CUDATornadoDevice tornados(int index) {
        TilePlugins.register(); // what is compiled before that would lack them for good
        return (CUDATornadoDevice)
                TornadoCoreRuntime.getTornadoRuntime().getBackend(0).getDevice(index);
    }

    /**
     * TornadoVM asks NVRTC for sm_90, which has no instructions for Hopper's matrix unit, and lets
     * no kernel have more than 48 KB of shared memory. Text with those goes to NVRTC from here.
     */
    @Override
    public long load(Method kernel, String name, Object[] arguments) {
        CUDACompilationResult result = compile(kernel, name, arguments);
        card.attach(); // TornadoVM makes its own context the thread's, when it starts at least
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

    @Override
    public List<Object> passed(Object... arguments) {
        List<Object> all = new ArrayList<>(UNUSED);
        for (Object argument : arguments) {
            all.add(argument instanceof Region region ? region.header() : argument);
        }
        return all;
    }

    private static long install(CUDATornadoDevice device, CUDACompilationResult result) {
        CUDAInstalledCode code = device.getDeviceContext().installCode(PLAN, result);
        // The handle points to a structure that starts with the driver's CUfunction.
        return MemorySegment.ofAddress(code.getKernel().getOclKernelID())
                .reinterpret(Long.BYTES)
                .get(ValueLayout.JAVA_LONG, 0);
    }

    private CUDACompilationResult compile(Method kernel, String name, Object[] arguments) {
        CUDABackend backend =
                TornadoCoreRuntime.getTornadoRuntime()
                        .getBackend(CUDABackendImpl.class)
                        .getDefaultBackend();
        var task = KernelCompiler.task(kernel, name, arguments, device);
        return CUDACompiler.compileSketchForDevice(
                KernelCompiler.sketch(kernel, task, backend),
                task,
                (CUDAProviders) backend.getProviders(),
                backend,
                new EmptyProfiler());
    }
}
