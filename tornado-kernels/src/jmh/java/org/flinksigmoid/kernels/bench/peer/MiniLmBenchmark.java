package org.flinksigmoid.kernels.bench.peer;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.flinksigmoid.kernels.bench.Duel;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** all-MiniLM-L6-v2 in fp32 here and on ONNX Runtime. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class MiniLmBenchmark {
    /** Texts x tokens; mixed: 32 texts of 8 to 512 tokens, log-uniform, which the peer pads. */
    @Param({"1x32", "1x128", "16x128", "mixed"})
    public String batch;

    @Param({"1", "2"})
    public int threads;

    private MiniLmWork work;

    /** Loads both and compares their results. */
    @Setup
    public void load() throws IOException, OrtException {
        work = new MiniLmWork(threads, lengths(batch));
    }

    private static int[] lengths(String batch) {
        if (batch.equals("mixed")) {
            return new Random(1)
                    .doubles(32, Math.log(8), Math.log(512))
                    .mapToInt(length -> (int) Math.exp(length))
                    .toArray();
        }
        String[] sizes = batch.split("x");
        int[] lengths = new int[Integer.parseInt(sizes[0])];
        Arrays.fill(lengths, Integer.parseInt(sizes[1]));
        return lengths;
    }

    /** Embeddings from this engine. */
    @Benchmark
    public List<float[]> ours() {
        return work.ours();
    }

    /** Hidden states from ONNX Runtime, not even read. */
    @Benchmark
    public void onnxRuntime() {
        work.theirs();
    }

    /** Closes both. */
    @TearDown
    public void close() throws OrtException {
        work.close();
    }

    /** All shapes at once as interleaved pairs, for machines that are not idle. */
    public static void main(String[] arguments) throws IOException, OrtException {
        for (int threads = 1; threads <= 2; threads++) {
            for (String batch : List.of("1x32", "1x128", "16x128", "mixed")) {
                try (MiniLmWork work = new MiniLmWork(threads, lengths(batch))) {
                    Duel duel = Duel.run(work::ours, work::theirs, 11, 0.1, 4);
                    System.out.printf(
                            Locale.ROOT,
                            "%s, %d threads: %.2f ms, ONNX Runtime %.2f ms, ratio %.2f [%.2f"
                                    + " %.2f]%n",
                            batch,
                            threads,
                            duel.ours() * 1e3,
                            duel.theirs() * 1e3,
                            duel.ratio(),
                            duel.low(),
                            duel.high());
                }
            }
        }
    }
}
