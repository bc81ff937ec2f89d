package org.flinksigmoid.kernels.internal.tornado;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.SafetensorsFile;
import org.flinksigmoid.kernels.checkpoint.Weights;
import org.flinksigmoid.kernels.golden.GoldenTensors;
import org.flinksigmoid.kernels.nn.Encoder;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole golden models on the device against PyTorch. */
@Tag("gpu")
class GoldenGpuTest {
    static Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (String name :
                List.of(
                        "ctc-conv-rope-qknorm",
                        "ctc-conv-softmax-sinusoidal",
                        "classify-alibi-hybrid",
                        "classify-causal-learned",
                        "score-window-rope",
                        "score-causal-window-alibi",
                        "embed-softmax-post-learned",
                        "embed-fixed-bias-nobias")) {
            for (Precision precision : Precision.values()) {
                cases.add(Arguments.of(name, precision));
            }
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("cases")
    void theWholeModelEqualsPyTorch(String name, Precision precision) throws URISyntaxException {
        Path folder =
                Path.of(
                        Objects.requireNonNull(
                                        GoldenGpuTest.class.getResource("/golden/" + name), name)
                                .toURI());
        GoldenTensors golden = GoldenTensors.load(name);
        try (Backend backend = precision.open();
                SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            Program program = Encoder.program(ModelConfig.read(folder), new Weights(file));
            Input input =
                    program.tokens()
                            ? new Input.TokenIds(golden.integers("ids"))
                            : new Input.Features(golden.floats("features"));
            try (Executable executable = backend.prepare(program)) {
                float[] output = executable.run(batch(golden), input)[0];
                Closeness.assertClose(
                        name + ", " + precision,
                        output,
                        golden.floats("output"),
                        precision.tolerance());
            }
        }
    }

    private static RaggedBatch batch(GoldenTensors golden) {
        int[] offsets = golden.integers("offsets");
        int[] lengths = new int[offsets.length - 1];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = offsets[i + 1] - offsets[i];
        }
        return RaggedBatch.ofLengths(lengths);
    }
}
