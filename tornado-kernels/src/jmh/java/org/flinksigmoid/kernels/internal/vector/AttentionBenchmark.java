package org.flinksigmoid.kernels.internal.vector;

import java.util.concurrent.TimeUnit;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One head of sigmoid attention on one thread: fused, unfused, and the machine's limit. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AttentionBenchmark {
    @Param({"64", "128"})
    public int headDim;

    @Param({"128", "512", "1024", "2048", "4096", "8192"})
    public int n;

    private AttentionKernel fused;
    private UnfusedAttention unfused;
    private RaggedBatch batch;
    private float[] q;
    private float[] k;
    private float[] v;
    private float[] out;

    /** Makes the operands and checks that both forms agree. */
    @Setup
    public void prepare() {
        RandomArrays random = new RandomArrays(1);
        batch = RaggedBatch.ofLengths(n);
        q = random.normal(n * headDim, 1);
        k = random.normal(n * headDim, 1);
        v = random.normal(n * headDim, 1);
        out = new float[n * headDim];
        SigmoidAttention spec =
                new SigmoidAttention(
                        1,
                        headDim,
                        (float) (1 / Math.sqrt(headDim)),
                        new Bias.NegativeLogN(),
                        Mask.NONE,
                        false);
        fused = new VectorBackend(1, WeightFormat.FLOAT).attention(spec);
        unfused = new UnfusedAttention(n, headDim);
        float[] first = fused().clone();
        float[] second = unfused();
        for (int i = 0; i < first.length; i++) {
            if (!(Math.abs(first[i] - second[i]) < 1e-4)) {
                throw new IllegalStateException(i + ": " + first[i] + " and " + second[i]);
            }
        }
    }

    /** Never an n x n matrix. */
    @Benchmark
    public float[] fused() {
        fused.run(batch, batch, q, k, v, out);
        return out;
    }

    /** Three sweeps over an n x n matrix. */
    @Benchmark
    public float[] unfused() {
        unfused.run(q, k, v, out);
        return out;
    }

    /** Floating point operations of the two products. */
    double operations() {
        return 4.0 * n * n * headDim;
    }

    /** As many multiply-adds as the two products have, from registers. */
    @Benchmark
    public float peak() {
        double operations = operations();
        float sum = 0;
        for (double done = 0; done < operations; done += MultiplyAddPeak.operations()) {
            sum += MultiplyAddPeak.run();
        }
        return sum;
    }
}
