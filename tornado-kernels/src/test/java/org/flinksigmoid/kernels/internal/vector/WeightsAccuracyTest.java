package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.oracle.Accuracy;
import org.flinksigmoid.kernels.internal.oracle.DoubleOracle;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;
import org.flinksigmoid.kernels.tensor.Bfloat16;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.flinksigmoid.kernels.tensor.Shape;
import org.flinksigmoid.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Narrow weights: the rounding is the only error that they add. The oracle computes with rounded
 * weights in double.
 */
class WeightsAccuracyTest {
    private static final double FLOOR = 1e-6;
    private static final RaggedBatch BATCH = RaggedBatch.ofLengths(1, 59, 0, 97, 16);
    private static final int[] DEPTHS = {1, 40, 384, 385, 1000};

    private final RandomArrays random = new RandomArrays(11);

    @ParameterizedTest
    @EnumSource
    void layersOfEveryDepthAddNoErrorToTheRounding(WeightFormat format) {
        for (int depth : DEPTHS) {
            for (OptionalInt residual : List.of(OptionalInt.empty(), OptionalInt.of(1))) {
                Op layer =
                        new Op.Linear(
                                0,
                                1,
                                random.tensor("w", 0.1, 61, depth),
                                Optional.of(random.tensor("b", 1, 61)),
                                Activation.SILU,
                                Optional.of(random.tensor("scale", 1, 61)),
                                residual);
                requireAccurate(format, program(depth, 61, false, layer));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void convolutionsAndEmbeddingsAddNoErrorToTheRounding(WeightFormat format) {
        Op convolution =
                new Op.Conv1d(
                        0,
                        1,
                        random.tensor("w", 0.3, 23, 19, 5),
                        Optional.empty(),
                        2,
                        2,
                        Activation.RELU);
        requireAccurate(format, program(19, 23, false, convolution));
        Op embed = new Op.Embed(0, random.tensor("table", 1, 100, 45));
        Op copy = new Op.RowFunction(0, 1, Op.RowKind.SIGMOID);
        requireAccurate(format, program(45, 45, true, embed, copy));
    }

    @ParameterizedTest
    @EnumSource
    void wholeEncodersAddNoErrorToTheRounding(WeightFormat format) {
        requireAccurate(format, TestPrograms.encoder(Activation.GELU));
    }

    /** Bounds of twice what these weights give (bf16 0.14 %, int8 0.51 %). */
    @ParameterizedTest
    @CsvSource({"BF16, 0.0028", "INT8, 0.0101"})
    void anEncoderStaysNearItsResultsInFloats(WeightFormat format, double bound) {
        Program program = TestPrograms.encoder(Activation.GELU);
        Input input = input(program);
        float[] expected = run("vector", WeightFormat.FLOAT, program, input);
        float[] found = run("vector", format, program, input);
        double differences = 0;
        double squares = 0;
        for (int i = 0; i < found.length; i++) {
            differences += Math.pow(found[i] - expected[i], 2);
            squares += Math.pow(expected[i], 2);
        }
        assertThat(Math.sqrt(differences / squares)).isPositive().isLessThan(bound);
    }

    @Test
    void weightsThatWereStoredAsBf16AreExactInIt() {
        int width = 70;
        float[] values = random.normal(width * width, 1);
        MemorySegment data = MemorySegment.ofArray(new byte[2 * values.length]);
        for (int i = 0; i < values.length; i++) {
            data.set(
                    ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
                    2L * i,
                    Bfloat16.of(values[i]));
        }
        Tensor stored = new Tensor("w", DType.BF16, Shape.of(width, width), data);
        Op layer =
                new Op.Linear(
                        0,
                        1,
                        stored,
                        Optional.empty(),
                        Activation.IDENTITY,
                        Optional.empty(),
                        OptionalInt.empty());
        Program program = program(width, width, false, layer);
        Input input = input(program);
        assertThat(run("vector", WeightFormat.BF16, program, input))
                .isEqualTo(run("vector", WeightFormat.FLOAT, program, input));
    }

    private static Program program(int inWidth, int outWidth, boolean tokens, Op... ops) {
        List<Slot> slots =
                List.of(
                        new Slot(0, "in", 0, inWidth),
                        new Slot(1, "out", ops[0] instanceof Op.Conv1d ? 1 : 0, outWidth));
        return new Program(slots, List.of(ops), 0, tokens, List.of(1), 1025);
    }

    private Input input(Program program) {
        return program.tokens()
                ? new Input.TokenIds(random.ids(BATCH.rows(), 100))
                : new Input.Features(
                        random.normal(BATCH.rows() * program.slot(program.input()).width(), 1));
    }

    private void requireAccurate(WeightFormat format, Program program) {
        Input input = input(program);
        Accuracy.requireWithinTwiceScalar(
                format + ", " + program.ops().getFirst(),
                DoubleOracle.run(rounded(program, format), BATCH, input)[0],
                run("scalar", format, program, input),
                run("vector", format, program, input),
                FLOOR);
    }

    private static float[] run(String name, WeightFormat format, Program program, Input input) {
        BackendOptions options = new BackendOptions(2, 0, format);
        try (Backend backend = Backends.select(name).open(options);
                Executable executable = backend.prepare(program)) {
            return executable.run(BATCH, input)[0];
        }
    }

    /** The program with what a format leaves of its matrices. */
    private static Program rounded(Program program, WeightFormat format) {
        List<Op> ops = program.ops().stream().map(op -> rounded(op, format)).toList();
        return new Program(
                program.slots(),
                ops,
                program.input(),
                program.tokens(),
                program.outputs(),
                program.maxRows());
    }

    private static Op rounded(Op op, WeightFormat format) {
        return switch (op) {
            case Op.Embed embed -> new Op.Embed(embed.out(), rounded(embed.table(), format));
            case Op.Linear linear ->
                    new Op.Linear(
                            linear.in(),
                            linear.out(),
                            rounded(linear.weight(), format),
                            linear.bias(),
                            linear.activation(),
                            linear.scale(),
                            linear.residual());
            case Op.Conv1d conv ->
                    new Op.Conv1d(
                            conv.in(),
                            conv.out(),
                            rounded(conv.weight(), format),
                            conv.bias(),
                            conv.stride(),
                            conv.padding(),
                            conv.activation());
            default -> op;
        };
    }

    private static Tensor rounded(Tensor tensor, WeightFormat format) {
        return Tensor.ofFloats(tensor.name(), tensor.shape(), format.rounded(tensor));
    }
}
