package org.flinksigmoid.kernels.internal.tornado.library;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;
import uk.ac.manchester.tornado.runtime.common.TornadoXPUDevice;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryContext;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryInvocation;
import uk.ac.manchester.tornado.runtime.library.spi.TornadoLibraryProvider;
import uk.ac.manchester.tornado.runtime.library.spi.TornadoNativeStreamSupport;

/**
 * Runs {@link Matmul} tasks, found by TornadoVM through {@link java.util.ServiceLoader}. A plan's
 * products are described once, before its graph is captured.
 */
public final class MatmulProvider implements TornadoLibraryProvider {
    private static final int HALF_BYTES = 2;
    private static final int HEADER_BYTES = 16;

    /** What one plan has: the library on its stream, and its products. */
    private static final class Context implements LibraryContext {
        private final long context;
        private final long stream;
        private final MemorySegment handle;
        private final Map<Matmul, CublasLt.Product> products = new HashMap<>();

        Context(long context, long stream) {
            this.context = context;
            this.stream = stream;
            CublasLt.setContext(context);
            this.handle = CublasLt.create();
        }

        CublasLt.Product product(Matmul matmul) {
            return products.computeIfAbsent(
                    matmul,
                    m -> {
                        int start = HEADER_BYTES + HALF_BYTES * m.lead();
                        int alignment =
                                start % Matmul.ALIGNMENT == 0 ? Matmul.ALIGNMENT : HEADER_BYTES;
                        return CublasLt.product(handle, m, alignment);
                    });
        }
    }

    @Override
    public String libraryName() {
        return Matmul.LIBRARY;
    }

    @Override
    public boolean canHandle(TornadoXPUDevice device) {
        return device instanceof TornadoNativeStreamSupport;
    }

    @Override
    public LibraryContext createContext(TornadoXPUDevice device, long executionPlanId) {
        TornadoNativeStreamSupport cuda = (TornadoNativeStreamSupport) device;
        return new Context(
                cuda.getNativeContext(executionPlanId), cuda.getNativeStream(executionPlanId));
    }

    @Override
    public void prepare(LibraryTaskDescriptor descriptor, LibraryContext context) {
        ((Context) context).product((Matmul) descriptor.getTuning());
    }

    @Override
    public void dispatch(String functionName, LibraryInvocation call) {
        Context context = (Context) call.getContext();
        Matmul matmul = (Matmul) call.getTuning();
        long lead = (long) HALF_BYTES * matmul.lead();
        long outLead = matmul.floats() ? 0 : lead;
        CublasLt.setContext(context.context);
        CublasLt.run(
                context.handle,
                context.product(matmul),
                call.getDevicePointer(Matmul.WEIGHT) + lead,
                call.getDevicePointer(Matmul.IN) + lead,
                call.getDevicePointer(Matmul.OUT) + outLead,
                call.getDevicePointer(Matmul.BIAS) + outLead,
                call.getDevicePointer(Matmul.WORKSPACE) + Matmul.ALIGNMENT - HEADER_BYTES,
                context.stream);
    }

    @Override
    public void destroyContext(LibraryContext context) {
        Context owned = (Context) context;
        CublasLt.setContext(owned.context);
        owned.products.values().forEach(CublasLt::destroy);
        CublasLt.destroy(owned.handle);
    }
}
