package org.flinksigmoid.kernels.internal.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel compiles to machine code; what it computes is the gpu tests' business. */
@Tag("codegen")
class CodeGenerationTest {
    static Stream<Arguments> programs() {
        return OpPrograms.all().entrySet().stream()
                .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("programs")
    void everyOperationCompiles(String name, Program program) {
        RaggedBatch batch = RaggedBatch.ofLengths(1, 59, 0, 97);
        for (Precision precision : Precision.values()) {
            try (Backend backend = precision.open();
                    Executable executable = backend.prepare(program)) {
                float[][] results = executable.run(batch, Inputs.random(program, batch, 1));
                assertThat(results.length).isEqualTo(1);
            }
        }
    }
}
