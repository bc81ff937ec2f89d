package org.flinksigmoid.kernels.internal.vector;

import java.util.List;
import java.util.function.Consumer;
import org.flinksigmoid.kernels.bench.BenchSuite;
import org.flinksigmoid.kernels.bench.Comparison;
import org.flinksigmoid.kernels.bench.Duel;

/** The JMH benchmarks of the kernels as interleaved pairs, all on one thread. */
public final class KernelSuite implements BenchSuite {
    private static final int PAIRS = 9;
    private static final double SECONDS = 0.05;
    private static final double WARM_UP = 1;

    private static final List<Integer> HEAD_DIMS = List.of(64, 128);
    private static final List<Integer> ATTENTION_ROWS = List.of(128, 512, 1024, 2048, 4096, 8192);

    private volatile float sink;

    /** For {@link java.util.ServiceLoader}. */
    public KernelSuite() {}

    @Override
    public int comparisons() {
        return GemmBenchmark.SHAPES.size() + HEAD_DIMS.size() * ATTENTION_ROWS.size();
    }

    @Override
    public void run(int threads, Consumer<Comparison> found) {
        for (String shape : GemmBenchmark.SHAPES) {
            found.accept(product(shape));
        }
        for (int headDim : HEAD_DIMS) {
            for (int n : ATTENTION_ROWS) {
                found.accept(attention(headDim, n));
            }
        }
    }

    private Comparison product(String shape) {
        GemmBenchmark product = new GemmBenchmark();
        product.shape = shape;
        product.prepare();
        Duel duel =
                Duel.run(
                        () -> sink = product.multiply()[0],
                        () -> sink = MultiplyAddPeak.run(),
                        PAIRS,
                        SECONDS,
                        WARM_UP);
        double operations = product.operations();
        return Comparison.share(
                "product " + shape + ", 1 thread",
                "multiply-add peak",
                operations,
                duel,
                operations / MultiplyAddPeak.operations());
    }

    private Comparison attention(int headDim, int n) {
        AttentionBenchmark both = new AttentionBenchmark();
        both.headDim = headDim;
        both.n = n;
        both.prepare();
        Duel duel =
                Duel.run(
                        () -> sink = both.fused()[0],
                        () -> sink = both.unfused()[0],
                        PAIRS,
                        SECONDS,
                        WARM_UP);
        return Comparison.of(
                "attention d = %d, n = %d, 1 thread".formatted(headDim, n),
                "our unfused form",
                both.operations(),
                duel);
    }
}
