package org.flinksigmoid.kernels.internal.vector;

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
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * The program of {@link AllocationTest}'s JVMs: runs attention and encoders until C2 has compiled
 * them and prints, a line each, how many bytes a call still allocates beyond its results. Prints
 * {@code done} last.
 */
final class AllocationProbe {
    /** For all of it: a busy machine compiles slowly. */
    private static final long PATIENCE_NANOS = 600_000_000_000L;

    private static final long DEADLINE = System.nanoTime() + PATIENCE_NANOS;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final RaggedBatch BATCH = RaggedBatch.ofLengths(1, 59, 111, 16);

    private AllocationProbe() {}

    public static void main(String[] arguments) {
        Bias bias = new Bias.NegativeLogN();
        Mask sliding = new Mask(true, 20);
        List<AttentionSpec> specs =
                List.of(
                        new SigmoidAttention(4, 32, 0.2f, bias, Mask.NONE, false),
                        new SigmoidAttention(4, 36, 0.2f, bias, sliding, true),
                        new SoftmaxAttention(4, 64, 0.2f, Mask.NONE, false),
                        new SoftmaxAttention(4, 32, 0.2f, sliding, true));
        try (Backend backend = new VectorBackend(1, WeightFormat.FLOAT)) {
            for (AttentionSpec spec : specs) {
                attention(backend, spec);
            }
            for (Activation activation : Activation.values()) {
                encoder(backend, activation, activation);
            }
        }
        for (WeightFormat format : List.of(WeightFormat.BF16, WeightFormat.INT8)) {
            try (Backend backend = new VectorBackend(1, format)) {
                encoder(backend, Activation.RELU, format);
            }
        }
        System.out.println("done");
    }

    private static void attention(Backend backend, AttentionSpec spec) {
        float[] rows = new RandomArrays(1).normal(BATCH.rows() * spec.width(), 1);
        float[] out = new float[rows.length];
        try (var kernel = backend.attention(spec)) {
            report(spec, () -> kernel.run(BATCH, BATCH, rows, rows, rows, out), 0);
        }
    }

    private static void encoder(Backend backend, Activation activation, Object name) {
        Program program = TestPrograms.encoder(activation);
        int width = program.slot(program.input()).width();
        Input input = new Input.Features(new RandomArrays(1).normal(BATCH.rows() * width, 1));
        try (Executable executable = backend.prepare(program)) {
            long results = 0;
            for (float[] result : executable.run(BATCH, input)) {
                results += 4L * result.length + 16;
            }
            report(name, () -> executable.run(BATCH, input), results);
        }
    }

    /**
     * What a call allocates once C2 has had its time: when it is no more than allowed, or at last.
     */
    private static void report(Object work, Runnable call, long results) {
        long bytes;
        do {
            for (int i = 0; i < 100; i++) {
                call.run();
            }
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10; i++) {
                call.run();
            }
            bytes = (THREADS.getCurrentThreadAllocatedBytes() - before) / 10 - results;
        } while (bytes > AllocationTest.SLACK && System.nanoTime() < DEADLINE);
        System.out.println(bytes + " " + work);
    }
}
