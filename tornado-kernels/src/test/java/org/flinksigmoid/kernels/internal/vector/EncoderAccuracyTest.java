package org.flinksigmoid.kernels.internal.vector;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.SafetensorsFile;
import org.flinksigmoid.kernels.checkpoint.Weights;
import org.flinksigmoid.kernels.fixture.RandomCheckpoint;
import org.flinksigmoid.kernels.internal.oracle.Accuracy;
import org.flinksigmoid.kernels.internal.oracle.DoubleOracle;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;
import org.flinksigmoid.kernels.nn.Encoder;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Encoders of random widths and options; {@code -Dencoders=N} more, {@code -Dseed=S} others. */
class EncoderAccuracyTest {
    private static final double FLOOR = 5e-6;

    @TempDir Path folder;

    static IntStream seeds() {
        int first = Integer.getInteger("seed", 1);
        return IntStream.range(first, first + Integer.getInteger("encoders", 12));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void answersAsTheOracleDoes(int seed) {
        Random random = new Random(seed);
        RandomCheckpoint.of(random).write(folder);
        RaggedBatch batch =
                RaggedBatch.ofLengths(
                        1, 1 + random.nextInt(20), 1 + random.nextInt(200), 1 + random.nextInt(60));
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            Program program = Encoder.program(ModelConfig.read(folder), new Weights(file));
            int width = program.slot(program.input()).width();
            Input input =
                    program.tokens()
                            ? new Input.TokenIds(random.ints(batch.rows(), 0, 256).toArray())
                            : new Input.Features(
                                    new RandomArrays(seed).normal(batch.rows() * width, 1));
            List<float[]> found = new ArrayList<>();
            for (String name : List.of("scalar", "vector")) {
                try (Backend backend = Backends.select(name).open(new BackendOptions(2, 0));
                        Executable executable = backend.prepare(program)) {
                    found.add(executable.run(batch, input)[0]);
                }
            }
            Accuracy.requireWithinTwiceScalar(
                    "encoder " + seed,
                    DoubleOracle.run(program, batch, input)[0],
                    found.get(0),
                    found.get(1),
                    FLOOR);
        }
    }
}
