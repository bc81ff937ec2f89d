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
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.bench.Agreement;
import org.flinksigmoid.kernels.bench.BenchCase;
import org.flinksigmoid.kernels.bench.BenchSuite;
import org.flinksigmoid.kernels.bench.Comparisons;
import org.flinksigmoid.kernels.bench.Contest;
import org.flinksigmoid.kernels.bench.EncoderWork;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** Whole encoders in fp32 here and on ONNX Runtime: same weights, inputs and threads. */
public final class PeerSuite implements BenchSuite {
    private static final String PEER = "ONNX Runtime";

    /** Texts and tokens of each. */
    private static final int[][] EQUAL = {{1, 32}, {1, 128}, {16, 128}};

    private static final int MIXED_BATCH = 32;

    /** Each takes seconds. */
    private static final int MIXED_ROUNDS = 6;

    private static final int[] SIGMOID_ROWS = {128, 512, 1024, 2048};

    /** For {@link java.util.ServiceLoader}. */
    public PeerSuite() {}

    @Override
    public Comparisons.Table table() {
        return Comparisons.Table.CPU;
    }

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
                cases.add(new BenchCase(work, PEER, () -> miniLm(t, both.get())));
            }
        }
        String mixed = "MiniLM mixed lengths, %d threads".formatted(threads);
        for (boolean sorted : new boolean[] {false, true}) {
            String against = PEER + (sorted ? ", sorted by length" : ", padded");
            Supplier<MiniLmWork> both =
                    () -> new MiniLmWork(threads, mixedLengths(), MIXED_BATCH, sorted);
            cases.add(
                    new BenchCase(
                            mixed, against, 1, MIXED_ROUNDS, () -> miniLm(threads, both.get())));
        }
        for (int n : SIGMOID_ROWS) {
            String work = "sigmoid encoder 12 x 512, n = %d, %d threads".formatted(n, threads);
            cases.add(new BenchCase(work, PEER, () -> sigmoid(threads, n)));
        }
        return cases;
    }

    private static Contest miniLm(int threads, MiniLmWork both) {
        Backend backend = open(threads);
        return new Contest(
                new Contest.Contender(both::ours, both.operations()),
                new Contest.Contender(both::theirs, both.operations()),
                Contest.limit(backend),
                List.of(both::close, backend::close));
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

    private static Contest sigmoid(int threads, int n) {
        EncoderWork work = new EncoderWork(12, 512, 8);
        Program program = work.program();
        RaggedBatch batch = RaggedBatch.ofLengths(n);
        Input.Features features = work.features(n);
        Backend backend = open(threads);
        Executable ours = backend.prepare(program);
        OnnxSession theirs = new OnnxSession(OnnxEncoder.write(program, n), threads);
        Map<String, OnnxTensor> inputs =
                Map.of(OnnxEncoder.INPUT, theirs.tensor(features.values(), n, work.width()));
        Agreement.require(ours.run(batch, features)[0], flat(theirs.value(inputs)));
        return new Contest(
                new Contest.Contender(() -> ours.run(batch, features), work.operations(n)),
                new Contest.Contender(() -> theirs.runUnread(inputs), work.operations(n)),
                Contest.limit(backend),
                List.of(theirs::close, ours::close, backend::close));
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
