package org.flinksigmoid.kernels.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights in several files. */
class WeightFilesTest {
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";

    @TempDir Path folder;

    private ModelConfig config;

    @BeforeEach
    void writeShards() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"bert\"}");
        config = ModelConfig.read(folder);
        shard(FIRST, "a", "b");
        shard(SECOND, "c");
        index("'a':'%1$s','b':'%1$s','c':'%2$s'");
    }

    private void shard(String name, String... tensors) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String tensor : tensors) {
            writer.add(tensor, DType.F32, Shape.of(1), new float[] {tensor.charAt(0)});
        }
        writer.write(folder.resolve(name));
    }

    private void index(String entries) throws IOException {
        String json = "{'metadata':{'total_size':12},'weight_map':{%s}}".formatted(entries);
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                json.formatted(FIRST, SECOND).replace('\'', '"'));
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> Weights.open(folder, config))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(message.replace('\'', '"'));
    }

    @Test
    void shardsAreOneCheckpoint() {
        try (Weights weights = Weights.open(folder, config)) {
            assertThat(weights.take("c", 1).toFloats()).containsExactly('c');
            assertThat(weights.take("a", 1).toFloats()).containsExactly('a');
            assertThat(weights.leftOver()).containsExactly("b");
            assertThatThrownBy(() -> weights.take("c", 2))
                    .hasMessage("c: expected F32 [2], found F32 [1] in " + SECOND);
            assertThatThrownBy(() -> weights.take("d", 2))
                    .hasMessageStartingWith("d: expected F32, F16, BF16 or F64 [2], found no such")
                    .hasMessageEndingWith("in model.safetensors.index.json");
            assertThatThrownBy(() -> weights.requireAllTaken("b"))
                    .hasMessageEndingWith("in " + FIRST);
        }
    }

    @Test
    void oneFileGoesBeforeShards() throws IOException {
        shard("model.safetensors", "x");
        try (Weights weights = Weights.open(folder, config)) {
            assertThat(weights.leftOver()).containsExactly("x");
        }
    }

    @Test
    void aMissingShardIsNamed() throws IOException {
        Files.delete(folder.resolve(SECOND));
        assertRefused(SECOND + ": expected a safetensors file, found no such file");
    }

    @ParameterizedTest
    @CsvSource({
        "../model.safetensors",
        "x/model.safetensors",
        "/tmp/model.safetensors",
        "..",
        ".hidden.safetensors",
        "pytorch_model-00001-of-00002.bin",
        "''"
    })
    void shardsAreFilesBesideTheIndex(String name) throws IOException {
        index("'a':'%s'".formatted(name));
        assertRefused(
                "weight_map.a: expected the name of a .safetensors file beside it, found '"
                        + name
                        + "' in model.safetensors.index.json");
    }

    @Test
    void aTensorInTwoShardsIsRefused() throws IOException {
        shard(SECOND, "b", "c");
        assertRefused(
                "weight_map.b: expected '"
                        + SECOND
                        + "', which has it, found '"
                        + FIRST
                        + "' in model.safetensors.index.json");
    }

    @Test
    void theIndexNamesWhatTheShardsHave() throws IOException {
        index("'a':'%1$s','c':'%2$s'");
        assertRefused(
                "weight_map.b: expected '"
                        + FIRST
                        + "', which has it, found nothing in model.safetensors.index.json");
        index("'a':'%1$s','b':'%1$s','c':'%2$s','d':'%2$s'");
        assertRefused(
                "d: expected a tensor, as model.safetensors.index.json has it here, found none of"
                        + " that name in "
                        + SECOND);
        index("");
        assertRefused(
                "weight_map: expected 1 to 1000 shards, found 0 of them"
                        + " in model.safetensors.index.json");
    }
}
