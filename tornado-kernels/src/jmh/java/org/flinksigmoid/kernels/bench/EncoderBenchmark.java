package org.flinksigmoid.kernels.bench;

import java.util.concurrent.TimeUnit;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The speech model's encoder (5 layers, width 144, 4 heads) over a batch of windows. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class EncoderBenchmark {
    @Param({"scalar", "vector"})
    public String backend;

    @Param({"1", "2"})
    public int threads;

    private final EncoderWork work = new EncoderWork(5, 144, 4);
    private final RaggedBatch batch = RaggedBatch.ofLengths(64, 64, 64, 64, 64, 64, 64, 50);
    private Backend opened;
    private Executable executable;
    private Input input;

    /** Prepares the encoder and checks it against the scalar backend. */
    @Setup
    public void prepare() {
        input = work.features(batch.rows());
        opened = Backends.select(backend).open(new BackendOptions(threads, 0));
        executable = opened.prepare(work.program());
        try (Backend scalar = Backends.select("scalar").open(BackendOptions.defaults());
                Executable reference = scalar.prepare(work.program())) {
            float[] expected = reference.run(batch, input)[0];
            float[] found = run()[0];
            for (int i = 0; i < expected.length; i++) {
                if (!(Math.abs(expected[i] - found[i]) < 1e-3)) {
                    throw new IllegalStateException(i + ": " + expected[i] + ", " + found[i]);
                }
            }
        }
    }

    /** One batch. */
    @Benchmark
    public float[][] run() {
        return executable.run(batch, input);
    }

    /** Gives the threads back. */
    @TearDown
    public void close() {
        executable.close();
        opened.close();
    }
}
