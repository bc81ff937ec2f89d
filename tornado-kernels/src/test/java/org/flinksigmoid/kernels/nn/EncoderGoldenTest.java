package org.flinksigmoid.kernels.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.BackendProvider;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.SafetensorsFile;
import org.flinksigmoid.kernels.checkpoint.Weights;
import org.flinksigmoid.kernels.golden.GoldenTensors;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer of every golden model against PyTorch, on every CPU backend that is here. */
class EncoderGoldenTest {
    private static final double TOLERANCE = 1e-5;

    /** Folders of golden models. */
    private static List<Path> models() {
        try (Stream<Path> folders = Files.list(folder(""))) {
            return folders.filter(folder -> Files.exists(folder.resolve("model.safetensors")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (BackendProvider provider : Backends.providers()) {
            boolean cpu = !provider.name().equals("tornado");
            if (cpu && provider.availability() instanceof Availability.Available) {
                for (Path model : models()) {
                    cases.add(
                            Arguments.of(
                                    Named.of(provider.name(), provider),
                                    model.getFileName().toString()));
                }
            }
        }
        return cases.stream();
    }

    @Test
    void goldenModelsCoverTheContract() {
        assertThat(models()).hasSizeGreaterThanOrEqualTo(8);
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("cases")
    void everyLayerEqualsPyTorch(BackendProvider provider, String name) {
        Path folder = folder(name);
        GoldenTensors golden = GoldenTensors.load(name);
        ModelConfig config = ModelConfig.read(folder);
        try (Backend backend = provider.open(new BackendOptions(1, 0));
                SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            for (int layers = 0; layers <= config.layers(); layers++) {
                Program program = upToLayer(config, new Weights(file), layers);
                assertClose("state." + layers, run(backend, program, golden), golden);
            }
            Weights weights = new Weights(file);
            Program whole = Encoder.program(config, weights);
            assertClose("output", run(backend, whole, golden), golden);
            assertThat(weights.leftOver()).isEmpty();
        }
    }

    /** The model's first layers: its one output is their hidden state. */
    private static Program upToLayer(ModelConfig config, Weights weights, int layers) {
        ProgramBuilder builder = new ProgramBuilder(config);
        Parameters parameters = new Parameters(config, weights);
        EncoderNames names = EncoderNames.of(config.family(), weights);
        int x = new InputLayers(config, builder, parameters, names).build();
        EncoderLayers encoder = new EncoderLayers(config, builder, parameters, names, x);
        for (int layer = 0; layer < layers; layer++) {
            encoder.add(layer);
        }
        return builder.build(x);
    }

    private static Path folder(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(
                                    EncoderGoldenTest.class.getResource("/golden/" + name), name)
                            .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static float[] run(Backend backend, Program program, GoldenTensors golden) {
        int[] offsets = golden.integers("offsets");
        int[] lengths = new int[offsets.length - 1];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = offsets[i + 1] - offsets[i];
        }
        Input input =
                program.tokens()
                        ? new Input.TokenIds(golden.integers("ids"))
                        : new Input.Features(golden.floats("features"));
        try (Executable executable = backend.prepare(program)) {
            return executable.run(RaggedBatch.ofLengths(lengths), input)[0];
        }
    }

    /** The largest difference, relative to the largest value. */
    private static void assertClose(String name, float[] actual, GoldenTensors golden) {
        float[] expected = golden.floats(name);
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            double apart = Math.abs((double) actual[i] - expected[i]);
            difference = apart <= difference ? difference : apart;
        }
        assertThat(difference / largest).as(name).isLessThanOrEqualTo(TOLERANCE);
    }
}
