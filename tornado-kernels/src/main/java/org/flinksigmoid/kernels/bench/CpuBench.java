package org.flinksigmoid.kernels.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.function.Consumer;
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
 * What {@code flink-sigmoid bench cpu} runs: the vector backend beside the scalar one and beside
 * the processor's multiply-add rate, as interleaved pairs.
 */
public final class CpuBench {
    private static final int PAIRS = 9;
    private static final double SECONDS = 0.05;
    private static final double WARM_UP = 1.5;

    private static final int[] ENCODER_ROWS = {128, 512, 1024, 2048};
    private static final int[] HEAD_DIMS = {64, 128};
    private static final int[] ATTENTION_ROWS = {128, 512, 1024, 2048, 4096, 8192};

    /** Largest difference between two backends' results that still counts as equal. */
    private static final float TOLERANCE = 1e-3f;

    private final int threads;
    private final Consumer<Comparison> progress;
    private final List<Comparison> rows = new ArrayList<>();
    private volatile float sink;

    private CpuBench(int threads, Consumer<Comparison> progress) {
        this.threads = threads;
        this.progress = progress;
    }

    /** How many rows {@link #run} gives. */
    public static int comparisons() {
        int more = suites().stream().mapToInt(BenchSuite::comparisons).sum();
        return 1 + ENCODER_ROWS.length + HEAD_DIMS.length * ATTENTION_ROWS.length + more;
    }

    /** Comparisons beyond the library's own, empty where none is on the class path. */
    public static List<BenchSuite> suites() {
        return ServiceLoader.load(BenchSuite.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /**
     * Runs all comparisons, in about a minute, with all {@link #suites} in about four.
     *
     * @param threads threads of the vector backend's encoders; attention and the limit use one
     * @param progress told of each row as it is ready
     * @throws IllegalStateException if the vector backend isn't available, or if results differ
     */
    public static List<Comparison> run(int threads, Consumer<Comparison> progress) {
        CpuBench bench = new CpuBench(threads, progress);
        bench.encoderAgainstScalar();
        for (int n : ENCODER_ROWS) {
            bench.encoderAgainstPeak(n);
        }
        for (int headDim : HEAD_DIMS) {
            for (int n : ATTENTION_ROWS) {
                bench.attentionAgainstPeak(n, headDim);
            }
        }
        for (BenchSuite suite : suites()) {
            suite.run(threads, bench::add);
        }
        return List.copyOf(bench.rows);
    }

    private void encoderAgainstScalar() {
        EncoderWork work = new EncoderWork(5, 144, 4);
        RaggedBatch batch = RaggedBatch.ofLengths(64, 64, 64, 50);
        Input input = work.features(batch.rows());
        try (Backend vector = open("vector", threads);
                Backend scalar = open("scalar", 1);
                Executable ours = vector.prepare(work.program());
                Executable theirs = scalar.prepare(work.program())) {
            requireEqual(ours.run(batch, input)[0], theirs.run(batch, input)[0]);
            Duel duel =
                    Duel.run(
                            () -> sink = ours.run(batch, input)[0][0],
                            () -> sink = theirs.run(batch, input)[0][0],
                            PAIRS,
                            SECONDS,
                            WARM_UP);
            double operations = 3 * work.operations(64) + work.operations(50);
            add(
                    Comparison.of(
                            "encoder 5 x 144, 4 windows, %d threads".formatted(threads),
                            "scalar backend, 1 thread",
                            operations,
                            duel));
        }
    }

    private void encoderAgainstPeak(int n) {
        EncoderWork work = new EncoderWork(12, 512, 8);
        RaggedBatch batch = RaggedBatch.ofLengths(n);
        Input input = work.features(n);
        try (Backend vector = open("vector", 1);
                Executable ours = vector.prepare(work.program())) {
            againstPeak(
                    "encoder 12 x 512, n = " + n,
                    vector,
                    work.operations(n),
                    () -> sink = ours.run(batch, input)[0][0]);
        }
    }

    private void attentionAgainstPeak(int n, int headDim) {
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
            againstPeak(
                    "attention d = %d, n = %d".formatted(headDim, n),
                    vector,
                    4.0 * n * n * headDim,
                    () -> kernel.run(batch, batch, rows, rows, rows, out));
        }
    }

    private void againstPeak(String work, Backend backend, double operations, Runnable call) {
        if (!(backend instanceof PeakRate limit)) {
            throw new IllegalStateException("the vector backend shows no peak rate");
        }
        Duel duel = Duel.run(call, () -> sink = limit.runAtPeak(), PAIRS, SECONDS, WARM_UP);
        double share = operations / limit.operationsAtPeak();
        add(Comparison.share(work + ", 1 thread", "multiply-add peak", operations, duel, share));
    }

    private static Backend open(String name, int threads) {
        return Backends.select(name).open(new BackendOptions(threads, 0));
    }

    private static void requireEqual(float[] ours, float[] theirs) {
        for (int i = 0; i < theirs.length; i++) {
            if (!(Math.abs(ours[i] - theirs[i]) < TOLERANCE)) {
                throw new IllegalStateException(
                        "results differ at %d: %s and %s".formatted(i, ours[i], theirs[i]));
            }
        }
    }

    private void add(Comparison row) {
        rows.add(row);
        progress.accept(row);
    }
}
