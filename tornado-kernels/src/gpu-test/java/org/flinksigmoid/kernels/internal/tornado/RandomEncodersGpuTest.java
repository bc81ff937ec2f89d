package org.flinksigmoid.kernels.internal.tornado;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
import org.flinksigmoid.kernels.nn.Encoder;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Encoders of random widths and options on the device against the CPU's plain loops. {@code
 * -Dencoders=N} is how many, {@code -Dseed=S} the first one's number: each depends on its own
 * alone.
 */
@Tag("gpu")
class RandomEncodersGpuTest {
    private static final int MOST_ROWS = 900;

    @TempDir Path folder;

    static Stream<Arguments> cases() {
        int first = Integer.getInteger("seed", 1);
        return IntStream.range(first, first + Integer.getInteger("encoders", 6))
                .boxed()
                .flatMap(
                        seed ->
                                Stream.of(Precision.values())
                                        .map(precision -> Arguments.of(seed, precision)));
    }

    @ParameterizedTest(name = "encoder {0}, {1}")
    @MethodSource("cases")
    void answersAsTheCpuDoes(int seed, Precision precision) throws IOException {
        RandomCheckpoint.of(new Random(seed)).write(folder);
        String config = Files.readString(folder.resolve("config.json")).replaceAll("\\s+", "");
        System.out.printf("encoder %d, %s: %s%n", seed, precision, config);
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"));
                Backend device = precision.open();
                Backend plain = Backends.select("scalar").open(new BackendOptions(1, 0))) {
            Program program = Encoder.program(ModelConfig.read(folder), new Weights(file));
            try (Executable actual = device.prepare(program);
                    Executable expected = plain.prepare(program)) {
                Random random = new Random(seed);
                for (int i = 0; i < 3; i++) {
                    RaggedBatch batch = batch(random);
                    Input input = Inputs.random(program, batch, seed);
                    Closeness.assertClose(
                            "encoder " + seed + ", " + precision + ", batch " + i,
                            actual.run(batch, input)[0],
                            expected.run(batch, input)[0],
                            precision.tolerance());
                }
            }
        }
    }

    private static RaggedBatch batch(Random random) {
        List<Integer> lengths = new ArrayList<>();
        int left = 1 + random.nextInt(MOST_ROWS);
        while (left > 0) {
            int length = Math.min(left, 1 + random.nextInt(random.nextBoolean() ? 20 : 400));
            lengths.add(length);
            left -= length;
        }
        return RaggedBatch.ofLengths(lengths.stream().mapToInt(Integer::intValue).toArray());
    }
}
