package org.flinksigmoid.kernels.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What sentence-transformers' files say of an embedding. */
class SentencePoolingTest {
    @TempDir Path folder;

    private ModelConfig read(String... keys) throws IOException {
        String config = "{'model_type':'bert'%s}".formatted(String.join("", keys));
        Files.writeString(folder.resolve("config.json"), config.replace('\'', '"'));
        return ModelConfig.read(folder);
    }

    private void pooling(String json) throws IOException {
        Files.createDirectories(folder.resolve("1_Pooling"));
        Files.writeString(folder.resolve("1_Pooling/config.json"), json.replace('\'', '"'));
    }

    /** Kinds of modules, each in a folder of its place and kind but for the first. */
    private void modules(String... kinds) throws IOException {
        StringBuilder json = new StringBuilder();
        for (int i = 0; i < kinds.length; i++) {
            json.append(i == 0 ? "[" : ",")
                    .append("{'idx':%d,'path':'%s',".formatted(i, i == 0 ? "" : i + "_" + kinds[i]))
                    .append("'type':'sentence_transformers.models.%s'}".formatted(kinds[i]));
        }
        Files.writeString(
                folder.resolve("modules.json"), json.append("]").toString().replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'pooling_mode':'cls','embedding_dimension':8,'include_prompt':true}|CLS",
                "{'pooling_mode':['max']}|MAX",
                "{'pooling_mode_cls_token':true}|CLS",
                "{'pooling_mode_max_tokens':true,'pooling_mode_mean_tokens':false}|MAX",
                "{'word_embedding_dimension':8}|MEAN",
            })
    void rowsArePooledAsSentenceTransformersSays(String json, PoolingKind kind) throws IOException {
        pooling(json);
        assertThat(read().pooling()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'pooling_mode':'lasttoken'}|pooling_mode: expected mean, cls or max pooling,"
                        + " found 'lasttoken'",
                "{'pooling_mode':['mean','cls']}|pooling_mode: expected mean, cls or max pooling",
                "{'pooling_mode_lasttoken':true}|pooling_mode_lasttoken: expected mean, cls or max",
                "{'pooling_mode_mean_tokens':false}|pooling_mode_mean_tokens: expected mean, cls",
                "{'pooling_mode_cls_token':true,'pooling_mode_mean_tokens':true}"
                        + "|pooling_mode_mean_tokens: expected false, as pooling_mode_cls_token is",
                "{'pooling_mode_mean_tokens':true,'include_prompt':false}|include_prompt: expected"
                        + " true, as a prompt before a text is pooled with it here",
            })
    void anotherPoolingIsRefused(String json, String message) throws IOException {
        pooling(json);
        assertThatThrownBy(() -> read())
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(message.replace('\'', '"'))
                .hasMessageEndingWith("in 1_Pooling/config.json");
    }

    @Test
    void vectorsHaveLengthOneWhereAModuleDoesThat() throws IOException {
        pooling("{'pooling_mode_mean_tokens':true}");
        modules("Transformer", "Pooling");
        assertThat(read().normalize()).isFalse();
        assertThat(read(",'normalize':true").normalize()).isTrue();
        modules("Transformer", "Pooling", "Normalize");
        assertThat(read().normalize()).isTrue();
    }

    @Test
    void anEncoderInAFolderOfItsOwnIsRefused() throws IOException {
        modules("Transformer", "Pooling");
        assertThatThrownBy(() -> ModelConfig.read(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(
                        "config.json: expected the encoder's files beside modules.json (load");
    }

    @Test
    void aPoolingThatIsNamedHasToBeThere() throws IOException {
        modules("Transformer", "Pooling", "Normalize");
        assertThatThrownBy(this::read)
                .isInstanceOf(CheckpointException.class)
                .hasMessage("1_Pooling/config.json: expected a JSON file, found no such file");
        modules("Transformer", "Normalize");
        assertThatThrownBy(this::read)
                .hasMessage(
                        "modules.json: expected a Pooling, for one row of a text's, found none");
    }

    private void whole(String json) throws IOException {
        Files.writeString(
                folder.resolve("config_sentence_transformers.json"), json.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'prompts':{'query':'query: '},'default_prompt_name':'query'}"
                        + "|default_prompt_name: expected null, as a text gets no prompt here (put"
                        + " 'query: ' before each text), found 'query'",
                "{'truncate_dim':16}|truncate_dim: expected null, as an embedding is whole here"
                        + " (take its first numbers), found 16",
            })
    void aPromptOfEachTextAndAPartOfTheVectorAreRefused(String json, String message)
            throws IOException {
        whole(json);
        assertThatThrownBy(this::read)
                .isInstanceOf(CheckpointException.class)
                .hasMessage(message.replace('\'', '"') + " in config_sentence_transformers.json");
        assertThat(read(",'architectures':['BertForSequenceClassification']").task())
                .isEqualTo(Task.TEXT_CLASSIFICATION);
    }

    @Test
    void promptsThatNobodyAskedForAreNotUsed() throws IOException {
        whole("{'prompts':{'query':'query: ','document':''},'default_prompt_name':null}");
        assertThat(read().normalize()).isTrue();
        whole("{'prompts':{'query':'query: ','document':''},'default_prompt_name':'document'}");
        assertThat(read().normalize()).isTrue();
    }

    @Test
    void modulesBehindTheEncoderAreRefused() throws IOException {
        pooling("{'pooling_mode_mean_tokens':true}");
        modules("Transformer", "Pooling", "LSTM");
        assertThatThrownBy(this::read)
                .hasMessage(
                        "[2].type: expected one of Transformer, Pooling, Dense, Normalize, found"
                                + " \"sentence_transformers.models.LSTM\" in modules.json");
        modules("Transformer", "Normalize", "Pooling");
        assertThatThrownBy(this::read)
                .hasMessage(
                        "[2].type: expected Normalize behind Pooling, found before it in"
                                + " modules.json");
        modules("Transformer", "Dropout", "Pooling");
        assertThatThrownBy(this::read)
                .hasMessage(
                        "[2].path: expected \"1_Pooling\", found \"2_Pooling\" in modules.json");
        Files.writeString(folder.resolve("modules.json"), "{}");
        assertThatThrownBy(this::read)
                .hasMessage("modules.json: expected a JSON array, found other JSON");
    }
}
