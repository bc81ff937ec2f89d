package org.flinksigmoid.kernels.internal.vector;

import java.util.ArrayList;
import java.util.List;
import org.flinksigmoid.kernels.bench.BenchCase;
import org.flinksigmoid.kernels.bench.BenchSuite;
import org.flinksigmoid.kernels.bench.Comparison;
import org.flinksigmoid.kernels.bench.Duel;

/** The JMH benchmarks of the kernels in turn with what they are measured by, all on one thread. */
public final class KernelSuite implements BenchSuite {
    private static final int ROUNDS = 9;
    private static final double SECONDS = 0.05;
    private static final double WARM_UP = 1;

    private static final List<Integer> HEAD_DIMS = List.of(64, 128);
    private static final List<Integer> ATTENTION_ROWS = List.of(128, 512, 1024, 2048, 4096, 8192);

    private volatile float sink;

    /** For {@link java.util.ServiceLoader}. */
    public KernelSuite() {}

    @Override
    public List<BenchCase> cases(int threads) {
        List<BenchCase> cases = new ArrayList<>();
        for (String shape : GemmBenchmark.SHAPES) {
            String work = "product " + shape + ", 1 thread";
            cases.add(new BenchCase(work, () -> product(work, shape)));
        }
        for (int headDim : HEAD_DIMS) {
            for (int n : ATTENTION_ROWS) {
                String work = "attention d = %d, n = %d, 1 thread".formatted(headDim, n);
                cases.add(new BenchCase(work, () -> attention(work, headDim, n)));
            }
        }
        return cases;
    }

    private Comparison product(String work, String shape) {
        GemmBenchmark product = new GemmBenchmark();
        product.shape = shape;
        product.prepare();
        Runnable peak = () -> sink = MultiplyAddPeak.run();
        Duel duel =
                Duel.run(() -> sink = product.multiply()[0], peak, peak, ROUNDS, SECONDS, WARM_UP);
        return Comparison.withPeak(work, product.operations(), MultiplyAddPeak.operations(), duel);
    }

    private Comparison attention(String work, int headDim, int n) {
        AttentionBenchmark both = new AttentionBenchmark();
        both.headDim = headDim;
        both.n = n;
        both.prepare();
        Duel duel =
                Duel.run(
                        () -> sink = both.fused()[0],
                        () -> sink = both.unfused()[0],
                        () -> sink = MultiplyAddPeak.run(),
                        ROUNDS,
                        SECONDS,
                        WARM_UP);
        return Comparison.of(
                work, "our unfused form", both.operations(), MultiplyAddPeak.operations(), duel);
    }
}
