package org.flinksigmoid.kernels.internal.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;

/** Programs that use every operation but the embedding ones. */
final class TestPrograms {
    private static final int FEATURES = 10;
    private static final int WIDTH = 48;
    private static final int LABELS = 7;

    private TestPrograms() {}

    /** A strided convolution, two pre-norm layers with QK norm and RoPE, CTC and pooled heads. */
    static Program encoder(Activation activation) {
        RandomArrays random = new RandomArrays(3);
        List<Slot> slots =
                List.of(
                        new Slot(0, "features", 0, FEATURES),
                        new Slot(1, "x", 1, WIDTH),
                        new Slot(2, "normed", 1, WIDTH),
                        new Slot(3, "qkv", 1, 3 * WIDTH),
                        new Slot(4, "attended", 1, WIDTH),
                        new Slot(5, "hidden", 1, 4 * WIDTH),
                        new Slot(6, "labels", 1, LABELS),
                        new Slot(7, "pooled", Slot.PER_SEQUENCE, WIDTH));
        List<Op> ops = new ArrayList<>();
        ops.add(
                new Op.Conv1d(
                        0,
                        1,
                        random.tensor("conv", 0.2, WIDTH, FEATURES, 5),
                        Optional.empty(),
                        2,
                        2,
                        activation));
        for (int layer = 0; layer < 2; layer++) {
            addLayer(ops, random, activation);
        }
        ops.add(norm(random, 1, 1));
        ops.add(linear(random, 1, 6, WIDTH, LABELS, Activation.IDENTITY, OptionalInt.empty()));
        ops.add(new Op.RowFunction(6, 6, Op.RowKind.LOG_SOFTMAX));
        ops.add(new Op.Pool(1, 7, Op.Pooling.MEAN));
        ops.add(new Op.RowFunction(7, 7, Op.RowKind.L2_NORMALIZE));
        return new Program(slots, ops, 0, false, List.of(6, 7), 5000);
    }

    private static void addLayer(List<Op> ops, RandomArrays random, Activation activation) {
        SigmoidAttention spec =
                new SigmoidAttention(3, 16, 0.25f, new Bias.NegativeLogN(), Mask.NONE, false);
        ops.add(norm(random, 1, 2));
        ops.add(linear(random, 2, 3, WIDTH, 3 * WIDTH, Activation.IDENTITY, OptionalInt.empty()));
        for (int column : new int[] {0, WIDTH}) {
            ops.add(new Op.HeadNorm(3, column, 3, 16, random.tensor("gain", 1, 16), 1e-5f));
            ops.add(new Op.Rotary(3, column, 3, 16, 10_000));
        }
        ops.add(new Op.Attention(spec, 3, 0, WIDTH, 2 * WIDTH, 4));
        ops.add(linear(random, 4, 1, WIDTH, WIDTH, Activation.IDENTITY, OptionalInt.of(1)));
        ops.add(norm(random, 1, 2));
        ops.add(linear(random, 2, 5, WIDTH, 4 * WIDTH, activation, OptionalInt.empty()));
        ops.add(linear(random, 5, 2, 4 * WIDTH, WIDTH, Activation.IDENTITY, OptionalInt.empty()));
        ops.add(new Op.ResidualAdd(2, 1, Optional.of(random.tensor("scale", 0.2, WIDTH))));
    }

    private static Op norm(RandomArrays random, int in, int out) {
        return new Op.LayerNorm(
                in,
                out,
                random.tensor("gain", 1, WIDTH),
                Optional.of(random.tensor("bias", 0.1, WIDTH)),
                1e-5f);
    }

    private static Op linear(
            RandomArrays random,
            int in,
            int out,
            int inputs,
            int outputs,
            Activation activation,
            OptionalInt residual) {
        return new Op.Linear(
                in,
                out,
                random.tensor("weight", 1 / Math.sqrt(inputs), outputs, inputs),
                Optional.of(random.tensor("bias", 0.1, outputs)),
                activation,
                Optional.empty(),
                residual);
    }
}
