package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.Closeness;
import org.flinksigmoid.kernels.internal.tornado.Inputs;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Encoders in a context that TornadoVM does not know, which is how every card but the first is
 * used: here on the first, since there may be no other.
 */
@Tag("gpu")
@Tag("codegen")
class OwnContextTest {
    private static final RaggedBatch BATCH = RaggedBatch.ofLengths(256, 31, 1, 300);

    private static void assertRunsAsOnTheCpu(
            Program program, Arithmetic arithmetic, double tolerance) {
        Device device = CudaTarget.at(0);
        var input = Inputs.random(program, BATCH, 7);
        try (Backend cpu = Backends.select("vector").open(new BackendOptions(2, 0));
                Executable expected = cpu.prepare(program);
                Executable actual = new ProgramExecutable(device, program, arithmetic)) {
            float[] result = actual.run(BATCH, input)[0];
            device.awaitBackground();
            if (System.getenv("FAKE_CUDA_FAULT") == null) { // there nothing is computed
                Closeness.assertClose(
                        arithmetic.name(), result, expected.run(BATCH, input)[0], tolerance);
            }
            assertThat(actual.deviceBytes()).isPositive();
        }
    }

    @Test
    void halfPrecisionRuns() {
        assertRunsAsOnTheCpu(EncoderPrograms.text(2, 512, 8, 2048, 4096), Arithmetic.HALF, 5e-3);
    }

    @Test
    void floatsRun() {
        assertRunsAsOnTheCpu(EncoderPrograms.digits(), Arithmetic.FLOAT, 1e-3);
    }

    @Test
    void portableKernelsRun() {
        assertRunsAsOnTheCpu(EncoderPrograms.digits(), Arithmetic.PORTABLE, 1e-3);
    }
}
