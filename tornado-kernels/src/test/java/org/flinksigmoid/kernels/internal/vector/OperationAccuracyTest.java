package org.flinksigmoid.kernels.internal.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.internal.oracle.Accuracy;
import org.flinksigmoid.kernels.internal.oracle.DoubleOracle;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.flinksigmoid.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation as a program of its own, over ragged batches. */
class OperationAccuracyTest {
    private static final double FLOOR = 1e-6;
    private static final long SEED = 7;

    private static final List<RaggedBatch> BATCHES =
            List.of(
                    RaggedBatch.ofLengths(1),
                    RaggedBatch.ofLengths(16),
                    RaggedBatch.ofLengths(1, 59, 0, 97, 111),
                    RaggedBatch.ofLengths(1025));

    private final RandomArrays random = new RandomArrays(SEED);

    @ParameterizedTest
    @EnumSource(Activation.class)
    void linearIsAccurateForEveryActivation(Activation activation) {
        requireAccurate(
                39,
                61,
                List.of(
                        new Op.Linear(
                                0,
                                1,
                                random.tensor("w", 0.3, 61, 39),
                                Optional.of(random.tensor("b", 1, 61)),
                                activation,
                                Optional.empty(),
                                OptionalInt.empty())));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 384, 385, 1000})
    void linearIsAccurateForEveryDepth(int width) {
        requireAccurate(width, 11, List.of(linear(0, 1, width, 11)));
    }

    @Test
    void linearAddsAScaledResidualInPlaceAndApart() {
        Tensor scale = random.tensor("scale", 1, 144);
        for (int width : new int[] {144, 576}) {
            Op up =
                    new Op.Linear(
                            0,
                            1,
                            random.tensor("up", 0.1, 144, width),
                            Optional.empty(),
                            Activation.IDENTITY,
                            Optional.of(scale),
                            OptionalInt.empty());
            Op inPlace =
                    new Op.Linear(
                            0,
                            1,
                            random.tensor("add", 0.1, 144, width),
                            Optional.of(random.tensor("b", 1, 144)),
                            Activation.RELU,
                            Optional.of(scale),
                            OptionalInt.of(1));
            requireAccurate(width, 144, List.of(up, inPlace));
        }
    }

    @Test
    void convolutionsAreAccurate() {
        for (int stride : new int[] {1, 2, 3}) {
            for (int kernel : new int[] {1, 4, 5}) {
                requireAccurate(
                        19,
                        23,
                        1,
                        List.of(
                                new Op.Conv1d(
                                        0,
                                        1,
                                        random.tensor("w", 0.3, 23, 19, kernel),
                                        Optional.of(random.tensor("b", 1, 23)),
                                        stride,
                                        kernel / 2,
                                        Activation.RELU)));
            }
        }
    }

    @Test
    void layerNormIsAccurate() {
        for (int width : new int[] {1, 5, 144, 384}) {
            Tensor gain = random.tensor("gain", 1, width);
            Tensor bias = random.tensor("bias", 1, width);
            requireAccurate(
                    width,
                    width,
                    List.of(
                            new Op.LayerNorm(0, 1, gain, Optional.of(bias), 1e-5f),
                            new Op.LayerNorm(1, 1, gain, Optional.empty(), 1e-12f)));
        }
    }

    @Test
    void headNormRotaryAndFusedAttentionAreAccurate() {
        int width = 72;
        SigmoidAttention spec =
                new SigmoidAttention(2, 36, 0.17f, new Bias.NegativeLogN(), Mask.NONE, false);
        requireAccurate(
                3 * width,
                width,
                List.of(
                        new Op.HeadNorm(0, 0, 2, 36, random.tensor("gain", 1, 36), 1e-5f),
                        new Op.HeadNorm(0, width, 2, 36, random.tensor("gain", 1, 36), 1e-5f),
                        new Op.Rotary(0, 0, 2, 36, 10_000),
                        new Op.Rotary(0, width, 2, 36, 10_000),
                        new Op.Attention(spec, 0, 0, width, 2 * width, 1)));
    }

    @Test
    void residualsPositionsAndEmbeddingsAreAccurate() {
        int width = 45;
        Op embed = new Op.Embed(0, random.tensor("table", 1, 100, width));
        Op position = new Op.AddPosition(0, random.tensor("positions", 1, 1025, width));
        Op project = linear(0, 1, width, width);
        Op add = new Op.ResidualAdd(0, 1, Optional.of(random.tensor("scale", 1, width)));
        Op plain = new Op.ResidualAdd(0, 1, Optional.empty());
        for (RaggedBatch batch : BATCHES) {
            Program program =
                    new Program(
                            List.of(new Slot(0, "in", 0, width), new Slot(1, "out", 0, width)),
                            List.of(embed, position, project, add, plain),
                            0,
                            true,
                            List.of(1),
                            1025);
            requireAccurate(
                    program, batch, new Input.TokenIds(random.ids(batch.rows(), 100)), FLOOR);
        }
    }

    @ParameterizedTest
    @EnumSource(Op.Pooling.class)
    void poolingIsAccurateAndAnEmptySequenceGivesZeros(Op.Pooling kind) {
        requireAccurate(37, 37, Slot.PER_SEQUENCE, List.of(new Op.Pool(0, 1, kind)));
    }

    @ParameterizedTest
    @EnumSource(Op.RowKind.class)
    void rowFunctionsAreAccurate(Op.RowKind kind) {
        for (int width : new int[] {1, 11, 70}) {
            requireAccurate(width, width, List.of(new Op.RowFunction(0, 1, kind)));
        }
    }

    private Op.Linear linear(int in, int out, int inputs, int outputs) {
        return new Op.Linear(
                in,
                out,
                random.tensor("w", 1 / Math.sqrt(inputs), outputs, inputs),
                Optional.empty(),
                Activation.IDENTITY,
                Optional.empty(),
                OptionalInt.empty());
    }

    private void requireAccurate(int inWidth, int outWidth, List<Op> ops) {
        requireAccurate(inWidth, outWidth, 0, ops);
    }

    private void requireAccurate(int inWidth, int outWidth, int outStage, List<Op> ops) {
        List<Slot> slots =
                List.of(new Slot(0, "in", 0, inWidth), new Slot(1, "out", outStage, outWidth));
        Program program = new Program(slots, ops, 0, false, List.of(1), 1025);
        for (RaggedBatch batch : BATCHES) {
            float[] values = random.normal(batch.rows() * inWidth, 2);
            requireAccurate(program, batch, new Input.Features(values), FLOOR);
        }
    }

    private static void requireAccurate(
            Program program, RaggedBatch batch, Input input, double floor) {
        double[] expected = DoubleOracle.run(program, batch, input)[0];
        List<float[]> found = new ArrayList<>();
        for (String name : List.of("scalar", "vector")) {
            try (Backend backend = Backends.select(name).open(new BackendOptions(2, 0));
                    Executable executable = backend.prepare(program)) {
                found.add(executable.run(batch, input)[0]);
            }
        }
        String what = program.ops().getLast() + " over " + batch + " seed " + SEED;
        Accuracy.requireWithinTwiceScalar(what, expected, found.get(0), found.get(1), floor);
    }
}
