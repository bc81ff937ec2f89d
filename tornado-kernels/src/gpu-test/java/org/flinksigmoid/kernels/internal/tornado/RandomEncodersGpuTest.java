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
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
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
    private static final int[] HEAD_WIDTHS = {6, 8, 16, 20, 32, 32, 48, 64, 64, 64, 96, 128, 160};
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
        TinyCheckpoint checkpoint = checkpoint(new Random(seed));
        checkpoint.write(folder);
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

    /** Any options that a config.json may have, with weights that keep activations near 1. */
    private static TinyCheckpoint checkpoint(Random random) {
        int headWidth = HEAD_WIDTHS[random.nextInt(HEAD_WIDTHS.length)];
        int heads = 1 + random.nextInt(Math.min(8, 400 / headWidth));
        int width = heads * headWidth;
        boolean speech = random.nextInt(3) == 0;
        boolean softmax = random.nextInt(4) == 0;
        boolean convolves = speech || random.nextInt(4) == 0;
        List<String> json = new ArrayList<>();
        json.add("\"hidden_size\": " + width);
        json.add("\"num_attention_heads\": " + heads);
        json.add("\"num_hidden_layers\": " + (1 + random.nextInt(3)));
        json.add("\"intermediate_size\": " + (1 + random.nextInt(700)));
        json.add("\"hidden_act\": \"" + of(random, "relu", "gelu", "gelu_new", "silu") + "\"");
        json.add("\"max_position_embeddings\": 2048");
        json.add(
                ("\"attention\": {\"type\": \"%s\", \"bias\": %s, \"qk_norm\": %s, "
                                + "\"causal\": %s, \"sliding_window\": %s, \"temperature\": %s}")
                        .formatted(
                                softmax ? "softmax" : "sigmoid",
                                of(random, "\"-log_n\"", "\"-log_n\"", "0", "-3.5", "-20"),
                                of(random, "true", "false"),
                                of(random, "true", "false", "false"),
                                of(random, "null", "null", "1", "17", "200"),
                                of(random, "1", "1", "0.5", "2.5")));
        String position = of(random, "rope", "alibi", "sinusoidal", "learned", "none");
        json.add("\"position\": {\"type\": \"" + position + "\"}");
        json.add("\"norm\": \"" + of(random, "pre", "post", "hybrid") + "\"");
        json.add("\"layer_scale\": " + of(random, "null", "0.5"));
        json.add("\"use_bias\": " + of(random, "true", "true", "false"));
        if (convolves) {
            json.add("\"frontend\": " + frontend(random, speech ? 40 : width, width));
        }
        if (!speech) {
            json.add("\"pooling\": \"" + of(random, "mean", "cls", "max") + "\"");
        }
        TinyCheckpoint made =
                speech
                        ? TinyCheckpoint.speech()
                        : TinyCheckpoint.text(
                                of(random, "text-classification", "score", "embedding"));
        made.with("{" + String.join(", ", json) + "}").generate();
        made.tensors.forEach(
                (name, values) -> {
                    int rank = values.shape().rank();
                    if (rank > 1) {
                        long inputs = values.shape().elements() / values.shape().dimension(0);
                        double deviation = name.contains("embeddings") ? 1 : 1 / Math.sqrt(inputs);
                        for (int i = 0; i < values.values().length; i++) {
                            values.values()[i] *= (float) (deviation / 0.3);
                        }
                    }
                });
        return made;
    }

    private static String frontend(Random random, int in, int width) {
        int count = 1 + random.nextInt(3);
        StringBuilder layers = new StringBuilder();
        for (int i = 0; i < count; i++) {
            layers.append(i == 0 ? "" : ", ")
                    .append(
                            ("{\"kernel\": %d, \"stride\": %d, "
                                            + "\"channels\": %d, \"activation\": \"%s\"}")
                                    .formatted(
                                            1 + 2 * random.nextInt(4),
                                            1 + random.nextInt(3),
                                            i + 1 < count ? 1 + random.nextInt(200) : width,
                                            of(random, "relu", "gelu", "silu")));
        }
        return "{\"input_size\": %d, \"layers\": [%s]}".formatted(in, layers);
    }

    private static String of(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
