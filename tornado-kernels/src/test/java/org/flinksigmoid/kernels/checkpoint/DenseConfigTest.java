package org.flinksigmoid.kernels.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Linear layers that sentence-transformers puts behind a pooling. */
class DenseConfigTest {
    @TempDir Path folder;

    @BeforeEach
    void writePooling() throws IOException {
        write("config.json", "{'model_type':'bert','hidden_size':24}");
        write("1_Pooling/config.json", "{'pooling_mode_mean_tokens':true}");
    }

    private void write(String file, String json) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, json.replace('\'', '"'));
    }

    /** Each as {@code path:kind}. */
    private void modules(String... modules) throws IOException {
        StringBuilder json = new StringBuilder("[{'path':'','type':'a.Transformer'}");
        for (String module : modules) {
            String[] parts = module.split(":");
            json.append(",{'path':'%s','type':'a.%s'}".formatted(parts[0], parts[1]));
        }
        write("modules.json", json + "]");
    }

    private ModelConfig read() {
        return ModelConfig.read(folder);
    }

    @Test
    void eachTakesWhatTheOneBeforeGives() throws IOException {
        modules("1_Pooling:Pooling", "2_Dense:Dense", "3_Dense_64:Dense", "4:Normalize");
        write("2_Dense/config.json", "{'in_features':24,'out_features':12}");
        write(
                "3_Dense_64/config.json",
                "{'in_features':12,'out_features':64,'bias':false,'activation_function':"
                        + "'torch.nn.modules.linear.Identity','module_output_name':null}");
        assertThat(read().dense())
                .containsExactly(
                        new DenseConfig("2_Dense", 24, 12, true, ActivationKind.TANH),
                        new DenseConfig("3_Dense_64", 12, 64, false, ActivationKind.LINEAR));
        assertThat(read().outputSize()).isEqualTo(64);
        assertThat(read().normalize()).isTrue();
        write("3_Dense_64/config.json", "{'in_features':24,'out_features':64}");
        assertThatThrownBy(this::read)
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "in_features: expected 12, the width of what goes in, found 24"
                                + " in 3_Dense_64/config.json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'activation_function':'torch.nn.modules.activation.Mish'|activation_function:"
                        + " expected one of \"torch.nn.modules.activation.GELU\"",
                "'activation_function':'mine.Tanh'|activation_function: expected one of",
                "'module_input_name':'token_embeddings'"
                        + "|module_input_name: expected one of \"sentence_embedding\"",
                "'module_output_name':'x'|module_output_name: expected",
                "'use_residual':true|use_residual: expected false",
                "'bias':1|bias: expected true or false",
                "'x':1,'out_features':100000|out_features: expected an integer from 1 to 8192",
            })
    void whatIsNotDoneIsRefused(String keys, String message) throws IOException {
        modules("1_Pooling:Pooling", "2_Dense:Dense");
        String size = keys.contains("out_features") ? "" : "'out_features':12,";
        write("2_Dense/config.json", "{'in_features':24,%s%s}".formatted(size, keys));
        assertThatThrownBy(this::read)
                .hasMessageStartingWith(message)
                .hasMessageEndingWith("in 2_Dense/config.json");
    }

    @Test
    void itsFolderIsInsideTheCheckpoint() throws IOException {
        for (String path :
                new String[] {"../2_Dense", "2_Dense/..", "/tmp", "..", "2_Dense\\\\x"}) {
            modules("1_Pooling:Pooling", path + ":Dense");
            assertThatThrownBy(this::read)
                    .hasMessageStartingWith("[2].path: expected \"[0-9]+_Dense[A-Za-z0-9_-]*\"");
        }
    }

    @Test
    void itStandsBetweenPoolingAndNormalize() throws IOException {
        write("2_Dense/config.json", "{'in_features':24,'out_features':24}");
        modules("2_Dense:Dense", "1_Pooling:Pooling");
        assertThatThrownBy(this::read)
                .hasMessageStartingWith("[1].type: expected at most 8 of Dense, between Pooling");
        modules("1_Pooling:Pooling", "2_Normalize:Normalize", "2_Dense:Dense");
        assertThatThrownBy(this::read).hasMessageStartingWith("[3].type: expected at most 8");
    }
}
