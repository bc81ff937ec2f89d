package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A vector that C2 fails to keep in registers is boxed, and boxes are allocations: once compiled, a
 * kernel's calls must allocate nothing but their results.
 */
class AllocationTest {
    /** The array of results and what the JVM rounds up. */
    private static final long SLACK = 256;

    private static final long PATIENCE_NANOS = 12_000_000_000L;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static List<AttentionSpec> specs() {
        Bias bias = new Bias.NegativeLogN();
        Mask sliding = new Mask(true, 20);
        return List.of(
                new SigmoidAttention(4, 32, 0.2f, bias, Mask.NONE, false),
                new SigmoidAttention(4, 36, 0.2f, bias, sliding, true),
                new SoftmaxAttention(4, 64, 0.2f, Mask.NONE, false),
                new SoftmaxAttention(4, 32, 0.2f, sliding, true));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void attentionAllocatesNothing(AttentionSpec spec) {
        RaggedBatch batch = RaggedBatch.ofLengths(1, 59, 111, 16);
        float[] rows = new RandomArrays(1).normal(batch.rows() * spec.width(), 1);
        float[] out = new float[rows.length];
        try (Backend backend = new VectorBackend(1);
                var kernel = backend.attention(spec)) {
            Runnable call = () -> kernel.run(batch, batch, rows, rows, rows, out);
            assertThat(bytesPerCall(call, SLACK)).isLessThanOrEqualTo(SLACK);
        }
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void anEncoderAllocatesItsResultsOnly(Activation activation) {
        RaggedBatch batch = RaggedBatch.ofLengths(1, 59, 111, 16);
        Program program = TestPrograms.encoder(activation);
        int width = program.slot(program.input()).width();
        Input input = new Input.Features(new RandomArrays(1).normal(batch.rows() * width, 1));
        try (Backend backend = new VectorBackend(1);
                Executable executable = backend.prepare(program)) {
            long results = 0;
            for (float[] result : executable.run(batch, input)) {
                results += 4L * result.length + 16;
            }
            long bound = results + SLACK;
            assertThat(bytesPerCall(() -> executable.run(batch, input), bound))
                    .isBetween(results, bound);
        }
    }

    /**
     * What a call allocates once C2 has had its time: when it stays within the bound, or at last.
     */
    private static long bytesPerCall(Runnable call, long bound) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        long bytes;
        do {
            for (int i = 0; i < 100; i++) {
                call.run();
            }
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10; i++) {
                call.run();
            }
            bytes = (THREADS.getCurrentThreadAllocatedBytes() - before) / 10;
        } while (bytes > bound && System.nanoTime() < deadline);
        return bytes;
    }
}
