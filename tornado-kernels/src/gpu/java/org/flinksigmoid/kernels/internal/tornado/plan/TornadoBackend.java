package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.Optional;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.TornadoProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compiles programs for one device. */
final class TornadoBackend implements Backend {
    private static final Logger LOG = LoggerFactory.getLogger(TornadoBackend.class);

    private final Device device;
    private final Optional<String> floatsBecause;

    /**
     * A backend on a device.
     *
     * @param floatsBecause why every program is to run in float; empty: in half precision where it
     *     can
     */
    TornadoBackend(Device device, Optional<String> floatsBecause) {
        this.device = device;
        this.floatsBecause = floatsBecause;
    }

    @Override
    public String name() {
        return TornadoProvider.NAME;
    }

    @Override
    public String description() {
        String card = device.card().name();
        return floatsBecause
                .map(why -> card + ", float kernels (" + why + ")")
                .orElse(card + ", fp16 on Tensor Cores");
    }

    @Override
    public Executable prepare(Program program) {
        Optional<String> why =
                floatsBecause.isPresent() ? floatsBecause : new HalfForms(program).problem();
        why.ifPresent(
                reason ->
                        LOG.info(
                                "The program runs in float on {}: {}",
                                device.card().name(),
                                reason));
        return new ProgramExecutable(device, program, why.isPresent());
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
