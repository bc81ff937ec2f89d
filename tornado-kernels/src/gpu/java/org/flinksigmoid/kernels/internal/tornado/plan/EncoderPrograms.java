package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.flinksigmoid.kernels.tensor.Shape;
import org.flinksigmoid.kernels.tensor.Tensor;

/** Whole encoders with random weights, for speed. */
final class EncoderPrograms {
    private static final int VOCABULARY = 256;
    private static final float EPS = 1e-5f;

    private final Random random = new Random(3);
    private final List<Slot> slots = new ArrayList<>();
    private final List<Op> ops = new ArrayList<>();

    /** Whether queries and keys are turned by their positions, and normalised before. */
    private boolean turned;

    private boolean headNorm;

    private EncoderPrograms() {}

    /** Random token ids or features. */
    static Input input(Program program, RaggedBatch batch) {
        EncoderPrograms made = new EncoderPrograms();
        return program.tokens()
                ? new Input.TokenIds(made.random.ints(batch.rows(), 0, VOCABULARY).toArray())
                : new Input.Features(
                        made.gaussians(batch.rows() * program.slot(program.input()).width(), 1));
    }

    /** Token ids to one vector a sequence: pre-norm, GELU, no positions. */
    static Program text(int layers, int width, int heads, int inner, int maxRows) {
        EncoderPrograms made = new EncoderPrograms();
        int x = made.slot("x", 0, width);
        made.ops.add(new Op.Embed(x, made.tensor(1, VOCABULARY, width)));
        made.layers(layers, x, 0, width, heads, inner, Activation.GELU_TANH);
        int pooled = made.slot("pooled", Slot.PER_SEQUENCE, width);
        made.ops.add(new Op.Pool(x, pooled, Op.Pooling.MEAN));
        return new Program(made.slots, made.ops, x, true, List.of(pooled), maxRows);
    }

    /** 40 features a frame to 11 log-probabilities every fourth, as the digits recogniser. */
    static Program digits() {
        return speech(5, 144, 4, 576, Activation.RELU, true, 11);
    }

    /** The same shape with 12 layers of 512, GELU, and 32 labels. */
    static Program largeSpeech() {
        return speech(12, 512, 8, 2048, Activation.GELU_TANH, false, 32);
    }

    private static Program speech(
            int layers,
            int width,
            int heads,
            int inner,
            Activation activation,
            boolean headNorm,
            int classes) {
        EncoderPrograms made = new EncoderPrograms();
        int in = made.slot("features", 0, 40);
        int first = made.slot("first", 1, width);
        int x = made.slot("x", 2, width);
        made.conv(in, first, 40, width);
        made.conv(first, x, width, width);
        made.turned = true;
        made.headNorm = headNorm;
        made.layers(layers, x, 2, width, heads, inner, activation);
        int labels = made.slot("labels", 2, classes);
        made.linear(x, labels, width, classes, Activation.IDENTITY, OptionalInt.empty());
        made.ops.add(new Op.RowFunction(labels, labels, Op.RowKind.LOG_SOFTMAX));
        return new Program(made.slots, made.ops, in, false, List.of(labels), 4096);
    }

    private int slot(String name, int stage, int width) {
        slots.add(new Slot(slots.size(), name, stage, width));
        return slots.size() - 1;
    }

    private Tensor tensor(float deviation, long... shape) {
        Shape dimensions = Shape.of(shape);
        return Tensor.ofFloats(
                "random", dimensions, gaussians((int) dimensions.elements(), deviation));
    }

    private float[] gaussians(int count, float deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = deviation * (float) random.nextGaussian();
        }
        return values;
    }

    private void conv(int in, int out, int width, int channels) {
        ops.add(
                new Op.Conv1d(
                        in,
                        out,
                        tensor((float) (1 / Math.sqrt(5.0 * width)), channels, width, 5),
                        Optional.of(tensor(.1f, channels)),
                        2,
                        2,
                        Activation.RELU));
    }

    private void norm(int in, int out, int width) {
        ops.add(new Op.LayerNorm(in, out, tensor(1, width), Optional.of(tensor(.1f, width)), EPS));
    }

    private void linear(
            int in, int out, int inner, int outer, Activation activation, OptionalInt residual) {
        ops.add(
                new Op.Linear(
                        in,
                        out,
                        tensor((float) (1 / Math.sqrt(inner)), outer, inner),
                        Optional.of(tensor(.1f, outer)),
                        activation,
                        Optional.empty(),
                        residual));
    }

    private void layers(
            int count, int x, int stage, int width, int heads, int inner, Activation activation) {
        int branch = slot("branch", stage, width);
        int projections = slot("q|k|v", stage, 3 * width);
        int middle = slot("inner", stage, inner);
        int headDim = width / heads;
        AttentionSpec spec =
                new SigmoidAttention(
                        heads,
                        headDim,
                        (float) (1 / Math.sqrt(headDim)),
                        new Bias.NegativeLogN(),
                        Mask.NONE,
                        false);
        for (int i = 0; i < count; i++) {
            norm(x, branch, width);
            linear(branch, projections, width, 3 * width, Activation.IDENTITY, OptionalInt.empty());
            if (turned) {
                for (int column : new int[] {0, width}) {
                    if (headNorm) {
                        Tensor gain = tensor(1, headDim);
                        ops.add(new Op.HeadNorm(projections, column, heads, headDim, gain, EPS));
                    }
                    ops.add(new Op.Rotary(projections, column, heads, headDim, 10000));
                }
            }
            ops.add(new Op.Attention(spec, projections, 0, width, 2 * width, branch));
            linear(branch, x, width, width, Activation.IDENTITY, OptionalInt.of(x));
            norm(x, branch, width);
            linear(branch, middle, width, inner, activation, OptionalInt.empty());
            linear(middle, x, inner, width, Activation.IDENTITY, OptionalInt.of(x));
        }
        norm(x, x, width);
    }
}
