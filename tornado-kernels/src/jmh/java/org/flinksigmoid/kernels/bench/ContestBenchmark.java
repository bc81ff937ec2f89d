package org.flinksigmoid.kernels.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One row of {@code bench cpu}: the contenders take the iterations in turn, so that whatever else
 * the machine does hits all alike. Three iterations are a round; who begins changes from one to the
 * next, as caches and clocks are as the other left them. A {@link BenchCase} may ask for other
 * numbers of JVMs and rounds.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 6, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 15, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class ContestBenchmark {
    /**
     * What a turn begins with: until then the threads of the one before look for work, and would
     * take its processors (ONNX Runtime's do so for more than 40 ms: on two processors whoever came
     * next lost a quarter of its speed).
     */
    private static final long SETTLING_MILLIS = 100;

    /** Whose turn an iteration is, over and over; as many as two rounds have. */
    static final List<Side> TURNS =
            List.of(Side.OURS, Side.THEIRS, Side.LIMIT, Side.THEIRS, Side.OURS, Side.LIMIT);

    @Param("CPU")
    public Comparisons.Table table;

    @Param("2")
    public int threads;

    @Param("product 128x384x384, 1 thread / multiply-add peak")
    public String name;

    private Contest contest;
    private Contest.Contender contender;
    private int iteration;

    /** Who can have a turn. */
    enum Side {
        OURS,
        THEIRS,
        LIMIT
    }

    /** Counts the work done, beside the calls. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Work {
        /** Floating point operations of the products. */
        public long flops;
    }

    /** Prepares all, which compares the results. */
    @Setup
    public void prepare() {
        contest = JmhComparisons.find(table, threads, name).prepare().get();
    }

    /** Gives the turn to the next, once the threads of the one before sleep. */
    @Setup(Level.Iteration)
    public void next() throws InterruptedException {
        Thread.sleep(SETTLING_MILLIS);
        contender =
                switch (TURNS.get(iteration++ % TURNS.size())) {
                    case OURS -> contest.ours();
                    case THEIRS -> contest.theirs();
                    case LIMIT -> contest.limit();
                };
    }

    /** A call of the contender whose turn it is. */
    @Benchmark
    public Object call(Work work) {
        work.flops += (long) contender.operations();
        return contender.call().get();
    }

    /** Gives the threads back. */
    @TearDown
    public void close() {
        contest.close();
    }
}
