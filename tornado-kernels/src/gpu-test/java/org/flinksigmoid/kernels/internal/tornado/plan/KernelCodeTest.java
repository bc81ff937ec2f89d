package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.Inputs;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What whole encoders' kernels compile to, but for tile attention: see TileAttentionCodeTest. */
@Tag("codegen")
class KernelCodeTest {
    /** With so many, a multiprocessor holds all the threads that it can. */
    private static final int MOST_REGISTERS = 64;

    @Test
    void rowKernelsNeedFewRegistersAndNoStack() throws Exception {
        List<Path> before = cubins();
        for (Program program :
                List.of(EncoderPrograms.digits(), EncoderPrograms.text(1, 512, 8, 2048, 512))) {
            int[] lengths = new int[4];
            Arrays.fill(lengths, 128);
            RaggedBatch batch = RaggedBatch.ofLengths(lengths);
            for (Arithmetic arithmetic : List.of(Arithmetic.HALF, Arithmetic.FLOAT)) {
                try (var executable =
                        new ProgramExecutable(
                                TornadoEngineFactory.device(0), program, arithmetic)) {
                    executable.run(batch, Inputs.random(program, batch, 1));
                }
            }
        }
        List<Path> made = cubins();
        made.removeAll(before);
        for (Path file : made) {
            Cubin cubin = Cubin.read(file);
            if (!cubin.kernel().equals("attend")) {
                assertThat(cubin.stackBytes()).as(cubin.kernel()).isZero();
                assertThat(cubin.registers())
                        .as(cubin.kernel())
                        .isLessThanOrEqualTo(MOST_REGISTERS);
            }
        }
    }

    private static List<Path> cubins() throws Exception {
        try (Stream<Path> files = Files.list(Path.of(System.getenv("FAKE_CUDA_DUMP")))) {
            return new ArrayList<>(
                    files.filter(file -> file.toString().endsWith(".cubin")).toList());
        }
    }
}
