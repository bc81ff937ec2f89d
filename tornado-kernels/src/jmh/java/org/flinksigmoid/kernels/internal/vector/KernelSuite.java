package org.flinksigmoid.kernels.internal.vector;

import java.util.ArrayList;
import java.util.List;
import org.flinksigmoid.kernels.bench.BenchCase;
import org.flinksigmoid.kernels.bench.BenchSuite;
import org.flinksigmoid.kernels.bench.Comparisons;
import org.flinksigmoid.kernels.bench.Contest;

/** Kernels in turn with what they are measured by, all on one thread. */
public final class KernelSuite implements BenchSuite {
    /** Rows x outputs x inputs, as the encoders have them. */
    private static final int[][] PRODUCTS = {
        {32, 384, 384},
        {32, 1536, 384},
        {128, 384, 384},
        {128, 1536, 384},
        {128, 384, 1536},
        {2048, 1536, 384},
        {2048, 384, 1536},
        {1024, 2048, 512},
        {1024, 512, 2048}
    };

    /** All in one JVM: a second one takes as long to start as it measures. */
    private static final int ROUNDS = 10;

    private static final List<Integer> HEAD_DIMS = List.of(64, 128);
    private static final List<Integer> ATTENTION_ROWS = List.of(128, 512, 1024, 2048, 4096, 8192);

    private static final Contest.Contender PEAK =
            new Contest.Contender(MultiplyAddPeak::run, MultiplyAddPeak.operations());

    /** For {@link java.util.ServiceLoader}. */
    public KernelSuite() {}

    @Override
    public Comparisons.Table table() {
        return Comparisons.Table.CPU;
    }

    @Override
    public List<BenchCase> cases(int threads) {
        List<BenchCase> cases = new ArrayList<>();
        for (int[] shape : PRODUCTS) {
            String work = "product %dx%dx%d, 1 thread".formatted(shape[0], shape[1], shape[2]);
            cases.add(new BenchCase(work, "multiply-add peak", 1, ROUNDS, () -> product(shape)));
        }
        for (int headDim : HEAD_DIMS) {
            for (int n : ATTENTION_ROWS) {
                String work = "attention d = %d, n = %d, 1 thread".formatted(headDim, n);
                cases.add(
                        new BenchCase(
                                work, "our unfused form", 1, ROUNDS, () -> attention(headDim, n)));
            }
        }
        return cases;
    }

    private static Contest product(int[] shape) {
        ProductWork work = new ProductWork(shape[0], shape[1], shape[2]);
        Contest.Contender ours = new Contest.Contender(work::multiply, work.operations());
        return new Contest(ours, PEAK, PEAK, List.of());
    }

    private static Contest attention(int headDim, int n) {
        AttentionWork work = new AttentionWork(headDim, n);
        return new Contest(
                new Contest.Contender(work::fused, work.operations()),
                new Contest.Contender(work::unfused, work.operations()),
                PEAK,
                List.of());
    }
}
