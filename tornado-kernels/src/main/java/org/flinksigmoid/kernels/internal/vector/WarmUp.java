package org.flinksigmoid.kernels.internal.vector;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.interpret.InterpretedExecutable;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.flinksigmoid.kernels.tensor.Shape;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * Has C2 compile the hot kernels before the first real batch: interpreted, the Vector API is some
 * thousand times slower than compiled, and an encoder's first batch would take seconds. Runs a
 * small encoder on a thread of its own, on few rows at first, until it is fast, for at most {@link
 * #MOST_NANOS}, while the caller reads and packs weights; once a JVM for each kind of attention and
 * format of weights.
 */
final class WarmUp {
    private static final long MOST_NANOS = 2_000_000_000L;

    /** A run this short is compiled code's: half of it is usual, and seconds when interpreted. */
    private static final long FAST_NANOS = 8_000_000L / Lanes.LENGTH;

    /** Fast runs in a row that end the warm-up. */
    private static final int ENOUGH = 20;

    private static final int FEATURES = 8;
    private static final int WIDTH = 16;

    /** Sums over it take two blocks: a branch never taken would throw the compiled code away. */
    private static final int HIDDEN = 520;

    /** After the convolution more keys than a block, and a panel that is half empty. */
    private static final RaggedBatch BATCH = RaggedBatch.ofLengths(280, 18);

    /**
     * Batches that come first, in turns: eleven rows and a panel, of which even interpreted runs
     * take milliseconds.
     */
    private static final List<RaggedBatch> SMALL =
            List.of(RaggedBatch.ofLengths(18, 3), RaggedBatch.ofLengths(62));

    private static final int SMALL_RUNS = 10;

    /** The longest pause after a slow run. */
    private static final long MOST_PAUSE_NANOS = 5_000_000;

    private static final Map<Kind, WarmUp> STARTED = new HashMap<>();

    private final Thread thread;

    private WarmUp(Kind kind) {
        thread = new Thread(() -> run(kind), "flink-sigmoid-warm-up");
        thread.setDaemon(true);
    }

    /** What compiled code depends on. */
    private record Kind(boolean softmax, WeightFormat format) {}

    /** Begins to warm up what most programs need, unless that has been done. */
    static void begin(WeightFormat format) {
        begin(new Kind(false, format));
    }

    private static synchronized WarmUp begin(Kind kind) {
        return STARTED.computeIfAbsent(
                kind,
                absent -> {
                    WarmUp started = new WarmUp(kind);
                    started.thread.start();
                    return started;
                });
    }

    /** Returns when what a kind of attention needs is warm. */
    static void finish(boolean softmax, WeightFormat format) {
        begin(new Kind(false, format)).await();
        if (softmax) {
            begin(new Kind(true, format)).await();
        }
    }

    private void await() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(Kind kind) {
        long deadline = System.nanoTime() + MOST_NANOS;
        Program program = program(kind.softmax());
        try (WorkerPool alone = new WorkerPool(1);
                var executable =
                        new InterpretedExecutable(
                                program,
                                Panels.LAYOUT,
                                VectorSteps.of(program, alone, kind.format()))) {
            for (int i = 0; i < SMALL_RUNS; i++) {
                for (RaggedBatch few : SMALL) {
                    isFast(executable, few);
                }
            }
            int fast = 0;
            while (fast < ENOUGH && System.nanoTime() < deadline) {
                fast = isFast(executable, BATCH) ? fast + 1 : 0;
            }
        }
    }

    /**
     * Runs a batch. After a slow run the processor is the compilers' for as long as it took: they
     * share two cores with this thread and the one that loads.
     */
    private static boolean isFast(InterpretedExecutable executable, RaggedBatch batch) {
        Input input = new Input.Features(new float[batch.rows() * FEATURES]);
        long begin = System.nanoTime();
        executable.run(batch, input);
        long took = System.nanoTime() - begin;
        if (took < FAST_NANOS) {
            return true;
        }
        LockSupport.parkNanos(Math.min(took, MOST_PAUSE_NANOS));
        return false;
    }

    private static Program program(boolean softmax) {
        List<Slot> slots =
                List.of(
                        new Slot(0, "x", 1, WIDTH),
                        new Slot(1, "normed", 1, WIDTH),
                        new Slot(2, "qkv", 1, 3 * WIDTH),
                        new Slot(3, "attended", 1, WIDTH),
                        new Slot(4, "hidden", 1, HIDDEN),
                        new Slot(5, "features", 0, FEATURES));
        AttentionSpec spec =
                softmax
                        ? new SoftmaxAttention(1, WIDTH, 1, Mask.NONE, false)
                        : new SigmoidAttention(
                                1, WIDTH, 1, new Bias.NegativeLogN(), Mask.NONE, false);
        Tensor ones = Tensor.ofFloats("ones", Shape.of(WIDTH), new float[WIDTH]);
        List<Op> ops = new ArrayList<>();
        ops.add(
                new Op.Conv1d(
                        5, 0, weight(WIDTH, FEATURES, 3), Optional.empty(), 2, 1, Activation.RELU));
        ops.add(new Op.LayerNorm(0, 1, ones, Optional.empty(), 1));
        ops.add(linear(1, 2, Activation.IDENTITY, OptionalInt.empty(), WIDTH, 3 * WIDTH));
        ops.add(new Op.HeadNorm(2, 0, 1, WIDTH, ones, 1));
        ops.add(new Op.Rotary(2, 0, 1, WIDTH, 10_000));
        ops.add(new Op.Attention(spec, 2, 0, WIDTH, 2 * WIDTH, 3));
        ops.add(linear(3, 0, Activation.IDENTITY, OptionalInt.of(0), WIDTH, WIDTH));
        ops.add(linear(0, 4, Activation.GELU, OptionalInt.empty(), WIDTH, HIDDEN));
        ops.add(linear(4, 0, Activation.RELU, OptionalInt.of(0), HIDDEN, WIDTH));
        ops.add(linear(4, 1, Activation.RELU, OptionalInt.empty(), HIDDEN, WIDTH));
        ops.add(new Op.RowFunction(0, 0, Op.RowKind.LOG_SOFTMAX));
        return new Program(slots, ops, 5, false, List.of(0), BATCH.maxLength());
    }

    private static Op linear(
            int in, int out, Activation activation, OptionalInt residual, int inputs, int outputs) {
        return new Op.Linear(
                in,
                out,
                weight(outputs, inputs),
                Optional.empty(),
                activation,
                Optional.empty(),
                residual);
    }

    private static Tensor weight(long... dimensions) {
        Shape shape = Shape.of(dimensions);
        return Tensor.ofFloats("weight", shape, new float[(int) shape.elements()]);
    }
}
