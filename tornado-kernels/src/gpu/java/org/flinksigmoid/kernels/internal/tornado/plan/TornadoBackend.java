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
    private final Optional<Arithmetic> asked;
    private final Optional<String> noTiles;

    /**
     * A backend on a device.
     *
     * @param asked what programs are to compute with where they can; empty: whatever suits each
     * @param noTiles why every program is to run on the portable kernels, if so
     */
    TornadoBackend(Device device, Optional<Arithmetic> asked, Optional<String> noTiles) {
        this.device = device;
        this.asked = asked;
        this.noTiles = noTiles;
    }

    @Override
    public String name() {
        return TornadoProvider.NAME;
    }

    @Override
    public String description() {
        String card = device.card().name();
        return noTiles.map(why -> card + ", portable float kernels (" + why + ")")
                .orElse(card + ", fp16 on Tensor Cores, float where a model needs it");
    }

    @Override
    public Executable prepare(Program program) {
        Arithmetic.Choice choice = Arithmetic.of(program, asked, noTiles);
        choice.because()
                .ifPresent(
                        reason ->
                                LOG.info(
                                        "The program runs in float on {}: {}",
                                        device.card().name(),
                                        reason));
        return new ProgramExecutable(device, program, choice.arithmetic());
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
