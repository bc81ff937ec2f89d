package org.flinksigmoid.kernels.internal.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation on the device against the plain loops. */
@Tag("gpu")
class OperationsGpuTest {
    private static final RaggedBatch RAGGED =
            RaggedBatch.ofLengths(1, 59, 0, 97, 111, 1025, 128, 64);

    /** Runs in the graph that was compiled for the other. */
    private static final RaggedBatch SMALLER = RaggedBatch.ofLengths(1000, 30, 7);

    static Stream<Arguments> programs() {
        return OpPrograms.all().entrySet().stream()
                .flatMap(
                        entry ->
                                Stream.of(Precision.values())
                                        .map(
                                                precision ->
                                                        Arguments.of(
                                                                entry.getKey(),
                                                                precision,
                                                                entry.getValue())));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("programs")
    void equalsThePlainLoopsOnRaggedBatches(String name, Precision precision, Program program) {
        try (Backend device = precision.open();
                Backend plain = Backends.select("scalar").open(new BackendOptions(1, 0));
                Executable actual = device.prepare(program);
                Executable expected = plain.prepare(program)) {
            for (RaggedBatch batch : new RaggedBatch[] {RAGGED, SMALLER}) {
                Input input = Inputs.random(program, batch, 5);
                Closeness.assertClose(
                        name + ", " + precision,
                        actual.run(batch, input)[0],
                        expected.run(batch, input)[0],
                        precision.tolerance());
            }
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @CsvSource({
        "layer norm, PORTABLE", "layer norm, FLOAT", "layer norm, HALF",
        "row L2_NORMALIZE, PORTABLE", "row L2_NORMALIZE, FLOAT", "row L2_NORMALIZE, HALF"
    })
    void anOverflowIsNoResult(String name, Precision precision) {
        Program program = OpPrograms.all().get(name);
        float[] values = Inputs.gaussians(new Random(6), RAGGED.rows() * OpPrograms.WIDTH, 1e25f);
        try (Backend device = precision.open();
                Executable executable = device.prepare(program)) {
            assertThat(executable.run(RAGGED, new Input.Features(values))[0])
                    .hasSize(values.length)
                    .containsOnly(Float.NaN);
        }
    }
}
