package org.flinksigmoid.kernels.internal.tornado;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.tensor.Shape;
import org.flinksigmoid.kernels.tensor.Tensor;

/** Small programs with random parameters: one for each operation and each of its variants. */
final class OpPrograms {
    static final int WIDTH = 40;
    static final int MAX_ROWS = 1100;

    private final Random random = new Random(20261124);
    private final Map<String, Program> programs = new LinkedHashMap<>();

    private OpPrograms() {}

    static Map<String, Program> all() {
        OpPrograms made = new OpPrograms();
        made.rows();
        made.linears();
        made.heads();
        return made.programs;
    }

    Tensor tensor(float deviation, long... shape) {
        Shape dimensions = Shape.of(shape);
        float[] values = new float[(int) dimensions.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = deviation * (float) random.nextGaussian();
        }
        return Tensor.ofFloats("test", dimensions, values);
    }

    private void add(String name, List<Slot> more, Op... ops) {
        List<Slot> slots = new ArrayList<>(List.of(new Slot(0, "in", 0, WIDTH)));
        slots.addAll(more);
        programs.put(
                name,
                new Program(slots, List.of(ops), 0, false, List.of(slots.size() - 1), MAX_ROWS));
    }

    private static List<Slot> out(int stage, int width) {
        return List.of(new Slot(1, "out", stage, width));
    }

    private void rows() {
        Program embed =
                new Program(
                        List.of(new Slot(0, "x", 0, 24)),
                        List.of(
                                new Op.Embed(0, tensor(1, 300, 24)),
                                new Op.AddPosition(0, tensor(1, MAX_ROWS, 24))),
                        0,
                        true,
                        List.of(0),
                        MAX_ROWS);
        programs.put("embed and positions", embed);
        add(
                "layer norm",
                out(0, WIDTH),
                new Op.LayerNorm(0, 1, tensor(1, WIDTH), Optional.of(tensor(1, WIDTH)), 1e-5f));
        add(
                "residual",
                out(0, WIDTH),
                new Op.LayerNorm(0, 1, tensor(1, WIDTH), Optional.empty(), 1e-5f),
                new Op.ResidualAdd(0, 1, Optional.of(tensor(1, WIDTH))),
                new Op.ResidualAdd(0, 1, Optional.empty()));
        for (Op.Pooling kind : Op.Pooling.values()) {
            add("pool " + kind, out(Slot.PER_SEQUENCE, WIDTH), new Op.Pool(0, 1, kind));
        }
        for (Op.RowKind kind : Op.RowKind.values()) {
            add("row " + kind, out(0, WIDTH), new Op.RowFunction(0, 1, kind));
        }
        add(
                "two convolutions",
                List.of(new Slot(1, "first", 1, 24), new Slot(2, "second", 2, 36)),
                new Op.Conv1d(
                        0,
                        1,
                        tensor(.1f, 24, WIDTH, 5),
                        Optional.of(tensor(1, 24)),
                        2,
                        2,
                        Activation.RELU),
                new Op.Conv1d(
                        1, 2, tensor(.1f, 36, 24, 3), Optional.empty(), 2, 1, Activation.GELU));
    }

    private void linears() {
        for (Activation activation : Activation.values()) {
            add(
                    "linear " + activation,
                    out(0, 72),
                    new Op.Linear(
                            0,
                            1,
                            tensor(.3f, 72, WIDTH),
                            Optional.of(tensor(1, 72)),
                            activation,
                            Optional.empty(),
                            OptionalInt.empty()));
        }
        add(
                "linear without bias",
                out(0, 11),
                new Op.Linear(
                        0,
                        1,
                        tensor(.3f, 11, WIDTH),
                        Optional.empty(),
                        Activation.IDENTITY,
                        Optional.empty(),
                        OptionalInt.empty()));
        add(
                "linear with scale, onto another slot",
                out(0, WIDTH),
                new Op.Linear(
                        0,
                        1,
                        tensor(.3f, WIDTH, WIDTH),
                        Optional.of(tensor(1, WIDTH)),
                        Activation.SILU,
                        Optional.of(tensor(1, WIDTH)),
                        OptionalInt.of(0)));
        add(
                "linear with scale, in place",
                out(0, WIDTH),
                new Op.LayerNorm(0, 1, tensor(1, WIDTH), Optional.empty(), 1e-5f),
                new Op.Linear(
                        0,
                        1,
                        tensor(.3f, WIDTH, WIDTH),
                        Optional.of(tensor(1, WIDTH)),
                        Activation.IDENTITY,
                        Optional.of(tensor(1, WIDTH)),
                        OptionalInt.of(1)));
    }

    private void heads() {
        attention("sigmoid", sigmoid(36, new Bias.NegativeLogN(), Mask.NONE, false));
        attention("sigmoid fixed", sigmoid(32, new Bias.Fixed(-3), Mask.NONE, false));
        attention("sigmoid wide", sigmoid(160, new Bias.NegativeLogN(), Mask.NONE, false));
        attention("sigmoid alibi", sigmoid(64, new Bias.NegativeLogN(), Mask.NONE, true));
        attention(
                "sigmoid causal",
                sigmoid(32, new Bias.NegativeLogN(), new Mask(true, Mask.UNLIMITED), false));
        attention(
                "sigmoid window",
                sigmoid(128, new Bias.NegativeLogN(), new Mask(false, 40), false));
        attention(
                "sigmoid causal window alibi",
                sigmoid(96, new Bias.NegativeLogN(), new Mask(true, 17), true));
        attention("softmax", new SoftmaxAttention(3, 24, .2f, Mask.NONE, false));
        attention("softmax causal", new SoftmaxAttention(3, 32, .2f, new Mask(true, 50), true));
    }

    private static AttentionSpec sigmoid(int headDim, Bias bias, Mask mask, boolean alibi) {
        float scale = (float) (1 / Math.sqrt(headDim));
        return new SigmoidAttention(3, headDim, scale, bias, mask, alibi);
    }

    /** A whole attention branch: projection, QK norm, RoPE, attention, output projection. */
    private void attention(String name, AttentionSpec spec) {
        int width = spec.width();
        int heads = spec.heads();
        int headDim = spec.headDim();
        add(
                "attention " + name,
                List.of(
                        new Slot(1, "q|k|v", 0, 3 * width),
                        new Slot(2, "heads", 0, width),
                        new Slot(3, "out", 0, WIDTH)),
                new Op.Linear(
                        0,
                        1,
                        tensor(.2f, 3L * width, WIDTH),
                        Optional.of(tensor(.2f, 3L * width)),
                        Activation.IDENTITY,
                        Optional.empty(),
                        OptionalInt.empty()),
                new Op.HeadNorm(1, 0, heads, headDim, tensor(1, headDim), 1e-5f),
                new Op.HeadNorm(1, width, heads, headDim, tensor(1, headDim), 1e-5f),
                new Op.Rotary(1, 0, heads, headDim, 10000),
                new Op.Rotary(1, width, heads, headDim, 10000),
                new Op.Attention(spec, 1, 0, width, 2 * width, 2),
                new Op.Linear(
                        2,
                        3,
                        tensor(.2f, WIDTH, width),
                        Optional.empty(),
                        Activation.IDENTITY,
                        Optional.empty(),
                        OptionalInt.empty()));
    }
}
