package org.flinksigmoid.kernels.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.tensor.Shape;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * A pre-norm sigmoid-attention encoder (b = -log n, GELU, feed-forward four times as wide) with
 * seeded weights: the arithmetic of a checkpoint's encoder without the checkpoint.
 *
 * @param layers number of layers
 * @param width model width
 * @param heads attention heads, a divisor of the width
 */
public record EncoderWork(int layers, int width, int heads) {
    private static final int MAX_ROWS = 1 << 16;
    private static final long SEED = 42;

    /** The encoder; features in, the final norm's rows out. */
    public Program program() {
        Random random = new Random(SEED);
        List<Slot> slots =
                List.of(
                        new Slot(0, "x", 0, width),
                        new Slot(1, "normed", 0, width),
                        new Slot(2, "qkv", 0, 3 * width),
                        new Slot(3, "attended", 0, width),
                        new Slot(4, "hidden", 0, 4 * width));
        int headDim = width / heads;
        SigmoidAttention spec =
                new SigmoidAttention(
                        heads,
                        headDim,
                        (float) (1 / Math.sqrt(headDim)),
                        new Bias.NegativeLogN(),
                        Mask.NONE,
                        false);
        List<Op> ops = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            ops.add(norm(0, 1));
            ops.add(linear(random, 1, 2, width, 3 * width, Activation.IDENTITY, false));
            ops.add(new Op.Attention(spec, 2, 0, width, 2 * width, 3));
            ops.add(linear(random, 3, 0, width, width, Activation.IDENTITY, true));
            ops.add(norm(0, 1));
            ops.add(linear(random, 1, 4, width, 4 * width, Activation.GELU, false));
            ops.add(linear(random, 4, 0, 4 * width, width, Activation.IDENTITY, true));
        }
        ops.add(norm(0, 1));
        return new Program(slots, ops, 0, false, List.of(1), MAX_ROWS);
    }

    /** Normal features for that many rows. */
    public Input.Features features(int rows) {
        Random random = new Random(SEED + 1);
        float[] values = new float[rows * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new Input.Features(values);
    }

    /** Floating point operations of the products for one sequence of {@code n} rows. */
    public double operations(int n) {
        return layers * (24.0 * n * width * width + 4.0 * n * n * width);
    }

    private Op norm(int in, int out) {
        float[] gain = new float[width];
        Arrays.fill(gain, 1);
        return new Op.LayerNorm(
                in,
                out,
                Tensor.ofFloats("gain", Shape.of(width), gain),
                Optional.of(Tensor.ofFloats("bias", Shape.of(width), new float[width])),
                1e-5f);
    }

    private static Op linear(
            Random random,
            int in,
            int out,
            int inputs,
            int outputs,
            Activation activation,
            boolean residual) {
        float[] weight = new float[inputs * outputs];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) (random.nextGaussian() / Math.sqrt(inputs));
        }
        return new Op.Linear(
                in,
                out,
                Tensor.ofFloats("weight", Shape.of(outputs, inputs), weight),
                Optional.of(Tensor.ofFloats("bias", Shape.of(outputs), new float[outputs])),
                activation,
                Optional.empty(),
                residual ? OptionalInt.of(out) : OptionalInt.empty());
    }
}
