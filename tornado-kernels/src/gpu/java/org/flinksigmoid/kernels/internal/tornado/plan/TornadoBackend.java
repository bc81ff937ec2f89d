package org.flinksigmoid.kernels.internal.tornado.plan;

import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.TornadoProvider;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Compiles programs for one device. */
final class TornadoBackend implements Backend {
    private final TornadoDevice device;
    private final String card;

    TornadoBackend(TornadoDevice device, String card) {
        this.device = device;
        this.card = card;
    }

    @Override
    public String name() {
        return TornadoProvider.NAME;
    }

    @Override
    public String description() {
        return card + ", float kernels";
    }

    @Override
    public Executable prepare(Program program) {
        return new ProgramExecutable(program, FloatSteps.of(program), device);
    }

    @Override
    public AttentionKernel attention(AttentionSpec spec) {
        return new DeviceAttention(spec, device);
    }

    @Override
    public void close() {
        // What was prepared owns the device's memory.
    }
}
