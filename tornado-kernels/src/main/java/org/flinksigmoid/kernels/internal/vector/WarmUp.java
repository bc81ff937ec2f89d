package org.flinksigmoid.kernels.internal.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
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
 * small encoder until it is fast, once a JVM, for at most {@link #MOST_NANOS}.
 */
final class WarmUp {
    private static final long MOST_NANOS = 2_000_000_000L;

    /** A run this short is compiled code's: 1 ms is usual, and seconds when interpreted. */
    private static final long FAST_NANOS = 3_000_000L;

    /** Fast runs in a row that end the warm-up. */
    private static final int ENOUGH = 20;

    private static final int WIDTH = 16;

    /** Sums over it take two blocks: a branch never taken would throw the compiled code away. */
    private static final int HIDDEN = 392;

    /** More keys than a block, and a panel that is half empty. */
    private static final RaggedBatch BATCH = RaggedBatch.ofLengths(140, 9);

    private static boolean done;

    private WarmUp() {}

    /** Warms up, unless that has been done. */
    static synchronized void once() {
        if (done) {
            return;
        }
        done = true;
        long deadline = System.nanoTime() + MOST_NANOS;
        Input input = new Input.Features(new float[BATCH.rows() * WIDTH]);
        try (WorkerPool alone = new WorkerPool(1);
                var executable =
                        new InterpretedExecutable(
                                program(),
                                Panels.LAYOUT,
                                VectorSteps.of(program(), alone, WeightFormat.FLOAT))) {
            long now = System.nanoTime();
            int fast = 0;
            while (fast < ENOUGH && now < deadline) {
                long begin = now;
                executable.run(BATCH, input);
                now = System.nanoTime();
                fast = now - begin < FAST_NANOS ? fast + 1 : 0;
            }
        }
    }

    private static Program program() {
        List<Slot> slots =
                List.of(
                        new Slot(0, "x", 0, WIDTH),
                        new Slot(1, "normed", 0, WIDTH),
                        new Slot(2, "qkv", 0, 3 * WIDTH),
                        new Slot(3, "attended", 0, WIDTH),
                        new Slot(4, "hidden", 0, HIDDEN));
        SigmoidAttention spec =
                new SigmoidAttention(1, WIDTH, 1, new Bias.NegativeLogN(), Mask.NONE, false);
        Tensor ones = Tensor.ofFloats("ones", Shape.of(WIDTH), new float[WIDTH]);
        List<Op> ops = new ArrayList<>();
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
        return new Program(slots, ops, 0, false, List.of(0), BATCH.maxLength());
    }

    private static Op linear(
            int in, int out, Activation activation, OptionalInt residual, int inputs, int outputs) {
        Shape shape = Shape.of(outputs, inputs);
        Tensor weight = Tensor.ofFloats("weight", shape, new float[outputs * inputs]);
        return new Op.Linear(
                in, out, weight, Optional.empty(), activation, Optional.empty(), residual);
    }
}
