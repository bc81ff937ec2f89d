package org.flinksigmoid.kernels.bench.peer;

import ai.onnxruntime.OnnxTensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.PeakRate;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.bench.Agreement;
import org.flinksigmoid.kernels.bench.BenchCase;
import org.flinksigmoid.kernels.bench.BenchSuite;
import org.flinksigmoid.kernels.bench.Comparison;
import org.flinksigmoid.kernels.bench.CpuBench;
import org.flinksigmoid.kernels.bench.Duel;
import org.flinksigmoid.kernels.bench.EncoderWork;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** Whole encoders in fp32 here and on ONNX Runtime: same weights, inputs and threads. */
public final class PeerSuite implements BenchSuite {
    private static final String PEER = "ONNX Runtime";
    private static final int ROUNDS = 9;

    /** Rounds of calls that take seconds each. */
    private static final int FEW_ROUNDS = 5;

    private static final double SECONDS = 0.15;
    private static final double WARM_UP = 3;

    /** Texts and tokens of each. */
    private static final int[][] EQUAL = {{1, 32}, {1, 128}, {16, 128}};

    private static final int MIXED_BATCH = 32;
    private static final int[] SIGMOID_ROWS = {128, 512, 1024, 2048};

    private volatile float sink;

    /** For {@link java.util.ServiceLoader}. */
    public PeerSuite() {}

    @Override
    public List<BenchCase> cases(int threads) {
        List<BenchCase> cases = new ArrayList<>();
        for (int[] shape : EQUAL) {
            int[] lengths = new int[shape[0]];
            Arrays.fill(lengths, shape[1]);
            for (int each = 1; each <= 2; each++) {
                int t = each;
                String work = "MiniLM %d x %d tokens, %d threads".formatted(shape[0], shape[1], t);
                Supplier<MiniLmWork> both = () -> new MiniLmWork(t, lengths, shape[0], false);
                cases.add(new BenchCase(work, () -> miniLm(work, PEER, t, both, ROUNDS)));
            }
        }
        String mixed = "MiniLM mixed lengths, %d threads".formatted(threads);
        for (boolean sorted : new boolean[] {false, true}) {
            String against = PEER + (sorted ? ", sorted by length" : ", padded");
            Supplier<MiniLmWork> both =
                    () -> new MiniLmWork(threads, mixedLengths(), MIXED_BATCH, sorted);
            cases.add(
                    new BenchCase(mixed, () -> miniLm(mixed, against, threads, both, FEW_ROUNDS)));
        }
        for (int n : SIGMOID_ROWS) {
            String work = "sigmoid encoder 12 x 512, n = %d, %d threads".formatted(n, threads);
            cases.add(new BenchCase(work, () -> sigmoid(work, threads, n)));
        }
        return cases;
    }

    private Comparison miniLm(
            String name, String against, int threads, Supplier<MiniLmWork> work, int rounds) {
        try (MiniLmWork both = work.get();
                Backend backend = open(threads)) {
            PeakRate limit = CpuBench.peak(backend);
            Duel duel =
                    Duel.run(
                            () -> sink = both.ours().size(),
                            both::theirs,
                            () -> sink = limit.runAtPeak(),
                            rounds,
                            SECONDS,
                            WARM_UP);
            return Comparison.of(name, against, both.operations(), limit.operationsAtPeak(), duel);
        }
    }

    private static Backend open(int threads) {
        return Backends.select("vector").open(new BackendOptions(threads, 0));
    }

    /**
     * Lengths, in MiniLM's tokens, of 64 package descriptions of Debian in 15 languages, cut at 256
     * characters, and of 64 mails of SpamAssassin's corpus, cut at 512 tokens, both taken at equal
     * distances and shuffled together.
     */
    static int[] mixedLengths() {
        try (InputStream in = PeerSuite.class.getResourceAsStream("/mixed-lengths.txt")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Stream.of(text.trim().split("\\s+")).mapToInt(Integer::parseInt).toArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Comparison sigmoid(String name, int threads, int n) {
        EncoderWork work = new EncoderWork(12, 512, 8);
        Program program = work.program();
        RaggedBatch batch = RaggedBatch.ofLengths(n);
        Input.Features features = work.features(n);
        try (Backend backend = open(threads);
                Executable ours = backend.prepare(program);
                OnnxSession theirs = new OnnxSession(OnnxEncoder.write(program, n), threads)) {
            PeakRate limit = CpuBench.peak(backend);
            Map<String, OnnxTensor> inputs =
                    Map.of(OnnxEncoder.INPUT, theirs.tensor(features.values(), n, work.width()));
            Agreement.require(ours.run(batch, features)[0], flat(theirs.value(inputs)));
            Duel duel =
                    Duel.run(
                            () -> sink = ours.run(batch, features)[0][0],
                            () -> theirs.run(inputs).close(),
                            () -> sink = limit.runAtPeak(),
                            ROUNDS,
                            SECONDS,
                            WARM_UP);
            return Comparison.of(name, PEER, work.operations(n), limit.operationsAtPeak(), duel);
        }
    }

    private static float[] flat(Object value) {
        float[][] rows = (float[][]) value;
        float[] all = new float[rows.length * rows[0].length];
        for (int r = 0; r < rows.length; r++) {
            System.arraycopy(rows[r], 0, all, r * rows[r].length, rows[r].length);
        }
        return all;
    }
}
