package org.flinksigmoid.kernels.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.PeakRate;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * What {@code flink-sigmoid bench cpu} runs: the vector backend beside the scalar one, beside the
 * processor's multiply-add rate, and beside all {@link #suites}.
 */
public final class CpuBench implements BenchSuite {
    private static final int ROUNDS = 9;
    private static final double SECONDS = 0.05;
    private static final double WARM_UP = 1.5;

    private static final int[] ENCODER_ROWS = {128, 512, 1024, 2048};
    private static final int[] HEAD_DIMS = {64, 128};
    private static final int[] ATTENTION_ROWS = {128, 512, 1024, 2048, 4096, 8192};

    private volatile float sink;

    private CpuBench() {}

    /** Comparisons beyond the library's own, empty where none is on the class path. */
    public static List<BenchSuite> suites() {
        return ServiceLoader.load(BenchSuite.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /**
     * All comparisons, to be made in turn: about a minute, with all {@link #suites} about six.
     *
     * @param threads threads of the vector backend where a comparison doesn't name its own number
     * @throws IllegalStateException when run, if results differ
     */
    public static List<BenchCase> all(int threads) {
        List<BenchCase> cases = new ArrayList<>(new CpuBench().cases(threads));
        for (BenchSuite suite : suites()) {
            cases.addAll(suite.cases(threads));
        }
        return List.copyOf(cases);
    }

    @Override
    public List<BenchCase> cases(int threads) {
        List<BenchCase> cases = new ArrayList<>();
        String scalar = "encoder 5 x 144, 4 windows, %d threads".formatted(threads);
        cases.add(new BenchCase(scalar, () -> encoderAgainstScalar(scalar, threads)));
        for (int n : ENCODER_ROWS) {
            String work = "encoder 12 x 512, n = %d, 1 thread".formatted(n);
            cases.add(new BenchCase(work, () -> encoderAgainstPeak(work, n)));
        }
        for (int headDim : HEAD_DIMS) {
            for (int n : ATTENTION_ROWS) {
                String work = "attention d = %d, n = %d, 1 thread".formatted(headDim, n);
                cases.add(new BenchCase(work, () -> attentionAgainstPeak(work, n, headDim)));
            }
        }
        return cases;
    }

    private Comparison encoderAgainstScalar(String name, int threads) {
        EncoderWork work = new EncoderWork(5, 144, 4);
        RaggedBatch batch = RaggedBatch.ofLengths(64, 64, 64, 50);
        Input input = work.features(batch.rows());
        try (Backend vector = open("vector", threads);
                Backend scalar = open("scalar", 1);
                Executable ours = vector.prepare(work.program());
                Executable theirs = scalar.prepare(work.program())) {
            Agreement.require(ours.run(batch, input)[0], theirs.run(batch, input)[0]);
            PeakRate limit = peak(vector);
            Duel duel =
                    Duel.run(
                            () -> sink = ours.run(batch, input)[0][0],
                            () -> sink = theirs.run(batch, input)[0][0],
                            () -> sink = limit.runAtPeak(),
                            ROUNDS,
                            SECONDS,
                            WARM_UP);
            double operations = 3 * work.operations(64) + work.operations(50);
            return Comparison.of(
                    name, "scalar backend, 1 thread", operations, limit.operationsAtPeak(), duel);
        }
    }

    private Comparison encoderAgainstPeak(String name, int n) {
        EncoderWork work = new EncoderWork(12, 512, 8);
        RaggedBatch batch = RaggedBatch.ofLengths(n);
        Input input = work.features(n);
        try (Backend vector = open("vector", 1);
                Executable ours = vector.prepare(work.program())) {
            Runnable call = () -> sink = ours.run(batch, input)[0][0];
            return againstPeak(name, vector, work.operations(n), call);
        }
    }

    private Comparison attentionAgainstPeak(String name, int n, int headDim) {
        float scale = (float) (1 / Math.sqrt(headDim));
        SigmoidAttention spec =
                new SigmoidAttention(1, headDim, scale, new Bias.NegativeLogN(), Mask.NONE, false);
        RaggedBatch batch = RaggedBatch.ofLengths(n);
        Random random = new Random(n);
        float[] rows = new float[n * headDim];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) random.nextGaussian();
        }
        float[] out = new float[rows.length];
        try (Backend vector = open("vector", 1);
                AttentionKernel kernel = vector.attention(spec)) {
            Runnable call = () -> kernel.run(batch, batch, rows, rows, rows, out);
            return againstPeak(name, vector, 4.0 * n * n * headDim, call);
        }
    }

    private Comparison againstPeak(String work, Backend backend, double operations, Runnable call) {
        PeakRate limit = peak(backend);
        Runnable peak = () -> sink = limit.runAtPeak();
        Duel duel = Duel.run(call, peak, peak, ROUNDS, SECONDS, WARM_UP);
        return Comparison.withPeak(work, operations, limit.operationsAtPeak(), duel);
    }

    /** The vector backend's view of the machine's limit. */
    public static PeakRate peak(Backend backend) {
        if (backend instanceof PeakRate limit) {
            return limit;
        }
        throw new IllegalStateException("backend " + backend.name() + " shows no peak rate");
    }

    private static Backend open(String name, int threads) {
        return Backends.select(name).open(new BackendOptions(threads, 0));
    }
}
