package org.flinksigmoid.kernels.bench.peer;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
    /** Texts x tokens; mixed: 128 texts of real lengths, 32 a batch, which the peer pads. */
    @Param({"1x32", "1x128", "16x128", "mixed"})
    public String batch;

    @Param({"1", "2"})
    public int threads;

    private MiniLmWork work;

    /** Loads both and compares their results. */
    @Setup
    public void load() {
        if (batch.equals("mixed")) {
            work = new MiniLmWork(threads, PeerSuite.mixedLengths(), 32, false);
        } else {
            String[] sizes = batch.split("x");
            int[] lengths = new int[Integer.parseInt(sizes[0])];
            Arrays.fill(lengths, Integer.parseInt(sizes[1]));
            work = new MiniLmWork(threads, lengths, lengths.length, false);
        }
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
    public void close() {
        work.close();
    }
}
