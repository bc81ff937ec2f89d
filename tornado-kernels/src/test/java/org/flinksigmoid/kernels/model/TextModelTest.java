package org.flinksigmoid.kernels.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.Task;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextModelTest {
    private static final ModelOptions SCALAR =
            ModelOptions.defaults().withBackend("scalar").withThreads(1);

    @TempDir Path folder;

    private TextModel load(TinyCheckpoint checkpoint) {
        return TextModel.load(checkpoint.write(folder), SCALAR);
    }

    private static float[] infer(TextModel model, String text) {
        return model.infer(List.of(model.encode(text))).getFirst();
    }

    @Test
    void classificationGivesADistributionOverTheLabels() {
        try (TextModel model = load(TinyCheckpoint.text("text-classification"))) {
            assertThat(model.task()).isEqualTo(Task.TEXT_CLASSIFICATION);
            assertThat(model.labels()).containsExactly("no", "yes", "maybe");
            float[] result = infer(model, "attention");
            assertThat(result).hasSize(3);
            assertThat((double) result[0] + result[1] + result[2]).isEqualTo(1, within(1e-5));
        }
    }

    @ParameterizedTest
    @CsvSource({"5, 5", "32, 9", "512, 9", "null, 9"})
    void anEmbeddingsTextIsCutWhereSentenceTransformersCutsIt(String most, int tokens)
            throws IOException {
        Files.writeString(
                folder.resolve("sentence_bert_config.json"),
                "{\"max_seq_length\": %s, \"do_lower_case\": false}".formatted(most));
        try (TextModel model = load(TinyCheckpoint.bert(""))) {
            assertThat(model.encode("attention")).hasSize(tokens);
            assertThat(model.maxRows()).isEqualTo(32);
        }
        try (TextModel model = load(TinyCheckpoint.bert("").bertClassifier("", 2))) {
            assertThat(model.encode("attention")).hasSize(9);
        }
    }

    @ParameterizedTest
    @CsvSource({"5, 5", "32, 9", "1000000000000000019884624838656, 9", "null, 9"})
    void aTextIsCutWhereTheTokenizerCutsIt(String most, int tokens) throws IOException {
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"model_max_length\": %s}".formatted(most));
        try (TextModel model = load(TinyCheckpoint.bert("").bertClassifier("", 2))) {
            assertThat(model.encode("attention")).hasSize(tokens);
        }
        Path sentence = folder.resolve("sentence_bert_config.json");
        Files.writeString(sentence, "{\"transformer_task\": \"feature-extraction\"}");
        try (TextModel model = load(TinyCheckpoint.bert(""))) {
            assertThat(model.encode("attention")).hasSize(tokens);
        }
        Files.writeString(sentence, "{\"max_seq_length\": 7}");
        try (TextModel model = load(TinyCheckpoint.bert(""))) {
            assertThat(model.encode("attention")).hasSize(7);
        }
    }

    @Test
    void whereTheTokenizerCutsATextMayHaveItsOldName() throws IOException {
        Path file = folder.resolve("tokenizer_config.json");
        Files.writeString(file, "{\"max_len\": 6}");
        try (TextModel model = load(TinyCheckpoint.bert(""))) {
            assertThat(model.encode("attention")).hasSize(6);
        }
        Files.writeString(file, "{\"max_len\": 6, \"model_max_length\": 7}");
        try (TextModel model = load(TinyCheckpoint.bert(""))) {
            assertThat(model.encode("attention")).hasSize(7);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"roberta", "distilbert", "camembert", "xlm-roberta"})
    void theFileThatCutsATextMayBeAnotherFamilys(String family) throws IOException {
        Path file = folder.resolve("sentence_%s_config.json".formatted(family));
        Files.writeString(file, "{\"max_seq_length\": 7}");
        String version;
        try (TextModel model = load(TinyCheckpoint.bert("bert.").asRoberta())) {
            assertThat(model.encode("attention")).hasSize(7);
            version = model.info().version();
        }
        Files.writeString(file, "{\"max_seq_length\": 8}");
        try (TextModel model = load(TinyCheckpoint.bert("bert.").asRoberta())) {
            assertThat(model.encode("attention")).hasSize(8);
            assertThat(model.info().version()).isNotEqualTo(version);
        }
        Files.writeString(folder.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 5}");
        try (TextModel model = load(TinyCheckpoint.bert("bert.").asRoberta())) {
            assertThat(model.encode("attention")).hasSize(5);
        }
    }

    @Test
    void aLengthThatIsNoneIsRefused() throws IOException {
        Files.writeString(folder.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 0}");
        assertThatThrownBy(() -> load(TinyCheckpoint.bert("")))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "max_seq_length: expected an integer from 1 to 2147483647, found 0"
                                + " in sentence_bert_config.json");
    }

    @Test
    void weightsInAnotherFormatAreNamed() throws IOException {
        TinyCheckpoint.bert("").write(folder);
        Files.move(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin"));
        assertThatThrownBy(() -> TextModel.load(folder, SCALAR))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "model.safetensors: expected weights as save_pretrained writes them (its"
                                + " safetensors format), found only pytorch_model.bin");
    }

    @ParameterizedTest
    @CsvSource({
        "scalar, encoder.layer.0.intermediate.dense.weight",
        "vector, encoder.layer.0.intermediate.dense.weight",
        "scalar, encoder.layer.1.output.LayerNorm.weight",
        "vector, encoder.layer.1.output.LayerNorm.weight"
    })
    void anOverflowInsideANormIsNoResult(String backend, String tensor) {
        TinyCheckpoint checkpoint = TinyCheckpoint.bert("");
        float[] weights = checkpoint.tensors.get(tensor).values();
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= 1e25f;
        }
        ModelOptions options = SCALAR.withBackend(backend);
        try (TextModel model = TextModel.load(checkpoint.write(folder), options)) {
            assertThatThrownBy(() -> infer(model, "attention"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageEndingWith("expected a finite result, found NaN");
        }
    }

    @Test
    void aScoreIsOneProbability() {
        try (TextModel model = load(TinyCheckpoint.text("score"))) {
            assertThat(model.outputWidth()).isEqualTo(1);
            assertThat(infer(model, "buy now")).hasSize(1);
            assertThat(infer(model, "buy now")[0]).isBetween(0f, 1f);
        }
    }

    @Test
    void anEmbeddingHasLengthOneAndNoLabels() {
        TinyCheckpoint labelled =
                TinyCheckpoint.text("embedding").with("{\"id2label\": {\"0\": \"LABEL_0\"}}");
        try (TextModel model = load(labelled)) {
            assertThat(model.labels()).isEmpty();
            double square = 0;
            for (float value : infer(model, "attention")) {
                square += value * value;
            }
            assertThat(square).isEqualTo(1, within(1e-5));
        }
    }

    private static TinyCheckpoint withFrontEnd() {
        return TinyCheckpoint.text("score")
                .with(
                        """
                        {"frontend": {"input_size": 16, "layers": [
                            {"kernel": 5, "stride": 1, "channels": 16, "activation": "relu"}]}}
                        """);
    }

    @Test
    void aTextModelMayHaveAFrontEnd() {
        try (TextModel model = load(withFrontEnd())) {
            assertThat(model.maxRows()).isEqualTo(256);
            assertThat(infer(model, "x".repeat(300))[0]).isBetween(0f, 1f);
        }
    }

    @Test
    void anyStringHasAResult() {
        try (TextModel model = load(withFrontEnd())) {
            for (String text :
                    List.of("", " ", "\0\u0001\u001b", "😀🎉", "\ud800", "x".repeat(1 << 20))) {
                assertThat(infer(model, text)[0]).isBetween(0f, 1f);
            }
        }
    }

    @Test
    void aTextScoresTheSameInAnyCompany() {
        try (TextModel model = load(TinyCheckpoint.text("score"))) {
            List<int[]> texts =
                    List.of("a", "two words", "", "x".repeat(256), "é").stream()
                            .map(model::encode)
                            .toList();
            List<float[]> together = model.infer(texts);
            for (int i = 0; i < texts.size(); i++) {
                assertThat(together.get(i))
                        .containsExactly(
                                model.infer(List.of(texts.get(i))).getFirst(), within(1e-6f));
            }
        }
    }

    @Test
    void badTokensAreRefusedByTheirPlaceInTheBatch() {
        try (TextModel model = load(TinyCheckpoint.text("score"))) {
            int[] good = {1, 2};
            assertThatThrownBy(() -> model.infer(List.of(good, good, new int[] {256})))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage(
                            "sequence 2 of the batch: expected token ids from 0 to 255, found 256");
            assertThat(model.problem(new int[0])).isPresent();
            assertThat(model.problem(new int[257])).isPresent();
            assertThat(model.problem(good)).isEmpty();
        }
    }

    @Test
    void aSpeechModelIsNoTextModel() {
        assertThatThrownBy(() -> load(TinyCheckpoint.speech()))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("task: expected a task on text, found \"ctc\" in config.json");
    }

    @Test
    void aMissingTokenizerIsNamed() throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.text("score");
        checkpoint.config.remove("tokenizer");
        checkpoint.config.put("vocab_size", 300);
        assertThatThrownBy(() -> load(checkpoint))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("tokenizer.json: expected a tokenizer, as vocab_size")
                .hasMessageContaining("found no such file (without one,");
        Files.writeString(folder.resolve("vocab.txt"), "[UNK]\n");
        assertThatThrownBy(() -> load(checkpoint))
                .hasMessageContaining(
                        "found no such file, only vocab.txt: load it by transformers'"
                                + " AutoTokenizer, and save_pretrained makes one (without one,");
    }

    @Test
    void weightsThatTheConfigDoesNotWantAreRefusedByName() {
        TinyCheckpoint checkpoint = TinyCheckpoint.text("score").generate();
        checkpoint.config.put("use_bias", false);
        assertThatThrownBy(() -> load(checkpoint))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "use_bias: expected true, as there is a tensor"
                                + " encoder.layers.0.attn.q.bias, found false in config.json");
    }
}
