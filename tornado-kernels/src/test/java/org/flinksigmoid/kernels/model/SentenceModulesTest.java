package org.flinksigmoid.kernels.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.SafetensorsWriter;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mean, a layer with bias and tanh, one with neither, and length 1. */
class SentenceModulesTest {
    @TempDir Path folder;

    @BeforeEach
    void writeModel() throws IOException {
        TinyCheckpoint.bert("").write(folder);
        Files.writeString(
                folder.resolve("modules.json"),
                """
                [{"path": "", "type": "sentence_transformers.models.Transformer"},
                 {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"path": "2_Dense", "type": "sentence_transformers.models.Dense"},
                 {"path": "3_Dense", "type": "sentence_transformers.models.Dense"},
                 {"path": "4_Normalize", "type": "sentence_transformers.models.Normalize"}]
                """);
        Files.createDirectory(folder.resolve("1_Pooling"));
        Files.writeString(
                folder.resolve("1_Pooling/config.json"), "{\"pooling_mode_mean_tokens\": true}");
        dense("2_Dense", 16, 5, "true", "activation.Tanh")
                .add("linear.bias", DType.F32, Shape.of(5), new float[] {-.2f, -.1f, 0, .1f, .2f})
                .write(folder.resolve("2_Dense/model.safetensors"));
        dense("3_Dense", 5, 4, "false", "linear.Identity")
                .write(folder.resolve("3_Dense/model.safetensors"));
    }

    private SafetensorsWriter dense(String name, int in, int out, String bias, String function)
            throws IOException {
        Files.createDirectory(folder.resolve(name));
        Files.writeString(
                folder.resolve(name + "/config.json"),
                """
                {"in_features": %d, "out_features": %d, "bias": %s,
                 "activation_function": "torch.nn.modules.%s"}
                """
                        .formatted(in, out, bias, function));
        float[] weight = new float[in * out];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (i * 7 % 11 - 5) / 10f;
        }
        return new SafetensorsWriter().add("linear.weight", DType.F32, Shape.of(out, in), weight);
    }

    private TextModel load(String backend) {
        return TextModel.load(folder, ModelOptions.defaults().withBackend(backend).withThreads(1));
    }

    /** Expected is what modules of sentence-transformers 6.0.1 give of transformers 5.18's rows. */
    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void vectorsAreThoseOfSentenceTransformers(String backend) {
        try (TextModel model = load(backend)) {
            List<float[]> vectors =
                    model.infer(List.of(model.encode("attention"), model.encode("!")));
            float[] attention = {0.47686073f, -0.44561246f, 0.24193954f, 0.71798241f};
            float[] mark = {0.65589547f, -0.49276415f, -0.13979979f, 0.55447328f};
            assertThat(vectors.get(0)).containsExactly(attention, within(1e-6f));
            assertThat(vectors.get(1)).containsExactly(mark, within(1e-6f));
            assertThat(model.outputWidth()).isEqualTo(4);
        }
    }

    @Test
    void aModuleIsPartOfTheVersion() throws IOException {
        String version;
        try (TextModel model = load("scalar")) {
            version = model.info().version();
        }
        Path config = folder.resolve("3_Dense/config.json");
        Files.writeString(
                config, Files.readString(config).replace("linear.Identity", "activation.Tanh"));
        try (TextModel model = load("scalar")) {
            assertThat(model.info().version()).isNotEqualTo(version);
        }
    }

    @Test
    void itsWeightsAreWhatItsConfigSays() throws IOException {
        Path config = folder.resolve("2_Dense/config.json");
        Files.writeString(config, Files.readString(config).replace("true", "false"));
        assertThatThrownBy(() -> load("scalar"))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "linear.bias: expected nothing of that name, as config.json asks for none,"
                                + " found F32 [5] in 2_Dense/model.safetensors");
        dense("4_Dense", 16, 6, "true", "activation.Tanh")
                .write(folder.resolve("2_Dense/model.safetensors"));
        assertThatThrownBy(() -> load("scalar"))
                .hasMessage(
                        "linear.weight: expected F32 [5, 16], found F32 [6, 16]"
                                + " in 2_Dense/model.safetensors");
        Files.move(
                folder.resolve("2_Dense/model.safetensors"),
                folder.resolve("2_Dense/pytorch_model.bin"));
        assertThatThrownBy(() -> load("scalar"))
                .hasMessageStartingWith("2_Dense/model.safetensors: expected weights as")
                .hasMessageEndingWith("found only pytorch_model.bin");
    }
}
