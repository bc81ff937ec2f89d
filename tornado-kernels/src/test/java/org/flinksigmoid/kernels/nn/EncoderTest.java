package org.flinksigmoid.kernels.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.SafetensorsFile;
import org.flinksigmoid.kernels.checkpoint.Weights;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.flinksigmoid.kernels.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderTest {
    @TempDir Path folder;

    private float[] run(TinyCheckpoint checkpoint) {
        checkpoint.write(folder);
        ModelConfig config = ModelConfig.read(folder);
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"));
                Backend backend = Backends.select("scalar").open(new BackendOptions(1, 0))) {
            Weights weights = new Weights(file);
            Program program = Encoder.program(config, weights);
            assertThat(weights.leftOver()).isEmpty();
            try (Executable executable = backend.prepare(program)) {
                int[] ids = {72, 105, 33, 32, 200, 0};
                return executable.run(RaggedBatch.ofLengths(1, 5), new Input.TokenIds(ids))[0];
            }
        }
    }

    private int slots(String json) {
        TinyCheckpoint.text("score").with(json).write(folder);
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            ModelConfig config = ModelConfig.read(folder);
            return Encoder.program(config, new Weights(file)).slots().size();
        }
    }

    @Test
    void scratchDoesNotGrowWithDepth() {
        assertThat(slots("{\"num_hidden_layers\":7}"))
                .isEqualTo(slots("{\"num_hidden_layers\":1}"));
    }

    @Test
    void sigmaReparametrisationIsFoldedIntoTheWeights() {
        float[] plain = run(TinyCheckpoint.text("text-classification"));
        TinyCheckpoint stored = TinyCheckpoint.text("text-classification").generate();
        stored.config.put("reparam", "sigma");
        float sigma = 0.5f;
        for (String name : List.copyOf(stored.tensors.keySet())) {
            if (name.matches(
                    "encoder\\.layers\\.\\d+\\.(attn\\.[qkvo]|ffn\\.(up|down))\\.weight")) {
                String layer = name.substring(0, name.length() - ".weight".length());
                float gain = 3;
                float[] values = stored.tensors.get(name).values();
                for (int i = 0; i < values.length; i++) {
                    values[i] *= sigma / gain;
                }
                Shape one = Shape.of(1);
                float[] gains = {gain};
                float[] sigmas = {sigma};
                stored.tensors.putAll(
                        Map.of(
                                layer + ".sigma_gain",
                                new TinyCheckpoint.Values(one, gains),
                                layer + ".sigma",
                                new TinyCheckpoint.Values(one, sigmas)));
            }
        }
        assertThat(run(stored)).containsExactly(plain, within(1e-5f));
        stored.tensors.get("encoder.layers.1.ffn.up.sigma").values()[0] = 0;
        assertThatThrownBy(() -> run(stored))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "encoder.layers.1.ffn.up.sigma: expected a spectral norm above 0, found 0.0"
                                + " in model.safetensors");
    }

    @Test
    void temperatureDividesTheLogitsLikeSmallerQueries() {
        String attention = "{\"attention\":{\"type\":\"sigmoid\",\"temperature\":%s}}";
        float[] warm = run(TinyCheckpoint.text("embedding").with(attention.formatted("2.0")));
        TinyCheckpoint halved = TinyCheckpoint.text("embedding").with(attention.formatted("1.0"));
        halved.generate();
        halved.tensors.forEach(
                (name, at) -> {
                    if (name.contains(".attn.q.")) {
                        for (int i = 0; i < at.values().length; i++) {
                            at.values()[i] *= 0.5f;
                        }
                    }
                });
        assertThat(run(halved)).containsExactly(warm, within(1e-5f));
    }

    @Test
    void bertLoadsUnderEachOfItsNames() {
        float[] bare = run(TinyCheckpoint.bert(""));
        assertThat(bare).hasSize(2 * 16);
        assertThat(run(TinyCheckpoint.bert("bert."))).containsExactly(bare);
        TinyCheckpoint old = TinyCheckpoint.bert("bert.");
        for (String name : List.copyOf(old.tensors.keySet())) {
            if (name.contains("LayerNorm.weight")) {
                old.tensors.put(name.replace("weight", "gamma"), old.tensors.remove(name));
            } else if (name.contains("LayerNorm.bias")) {
                old.tensors.put(name.replace("bias", "beta"), old.tensors.remove(name));
            }
        }
        assertThat(run(old)).containsExactly(bare);
    }

    @Test
    void bertTokensAreOfTypeZero() {
        TinyCheckpoint folded = TinyCheckpoint.bert("");
        float[] positions = folded.tensors.get("embeddings.position_embeddings.weight").values();
        float[] types = folded.tensors.get("embeddings.token_type_embeddings.weight").values();
        float[] expected = run(TinyCheckpoint.bert(""));
        for (int i = 0; i < positions.length; i++) {
            positions[i] += types[i % 16];
        }
        Arrays.fill(types, 0, 16, 0);
        assertThat(run(folded)).containsExactly(expected, within(1e-6f));
    }

    @Test
    void bertClassifiesAndScores() {
        float[] labels = run(TinyCheckpoint.bert("bert.").bertClassifier("bert.", 3));
        assertThat(labels).hasSize(2 * 3);
        assertThat((double) labels[0] + labels[1] + labels[2]).isEqualTo(1, within(1e-6));
        assertThat(run(TinyCheckpoint.bert("bert.").bertClassifier("bert.", 1))).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[\"BertModel\"]", "[\"BertForOpinions\"]"})
    void aHeadThatArchitecturesDoesNotNameIsUsedWhereTheTaskIsSaid(String architectures) {
        String named = "{\"architectures\":%s}".formatted(architectures);
        TinyCheckpoint bert = TinyCheckpoint.bert("bert.").bertClassifier("bert.", 3).with(named);
        assertThatThrownBy(() -> run(bert))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "task: expected \"text-classification\" or \"score\" for classifier.weight"
                                + " of the weights, or \"embedding\" for the encoder alone, found"
                                + " nothing, nor such a head in architectures in config.json");
        assertThat(run(bert.with("{\"task\":\"text-classification\"}")))
                .containsExactly(run(TinyCheckpoint.bert("bert.").bertClassifier("bert.", 3)));
    }

    @Test
    void robertaIsABertOfOtherPositionsAndNames() {
        float[] embeddings = run(TinyCheckpoint.bert("bert."));
        assertThat(run(TinyCheckpoint.bert("bert.").asRoberta())).containsExactly(embeddings);
        float[] labels = run(TinyCheckpoint.bert("bert.").bertClassifier("bert.", 3));
        TinyCheckpoint classifier = TinyCheckpoint.bert("bert.").bertClassifier("bert.", 3);
        assertThat(run(classifier.asRoberta())).containsExactly(labels);
    }

    private static TinyCheckpoint withoutTypes(TinyCheckpoint bert) {
        String types = "bert.embeddings.token_type_embeddings.weight";
        Arrays.fill(bert.tensors.get(types).values(), 0);
        return bert;
    }

    @Test
    void distilBertIsABertOfOtherNamesWithoutTokenTypes() {
        float[] embeddings = run(withoutTypes(TinyCheckpoint.bert("bert.")));
        assertThat(run(TinyCheckpoint.bert("bert.").asDistilBert())).containsExactly(embeddings);
    }

    @Test
    void distilBertsHeadHasARectifier() {
        String head = "{\"architectures\":[\"DistilBertForSequenceClassification\"]}";
        TinyCheckpoint score = TinyCheckpoint.bert("bert.").bertClassifier("bert.", 1);
        score.asDistilBert().with(head).with("{\"id2label\":{\"0\":\"x\"}}");
        float[] pooler = score.tensors.get("pre_classifier.weight").values();
        float[] classifier = score.tensors.get("classifier.weight").values();
        float[] bias = score.tensors.get("classifier.bias").values();
        Arrays.fill(pooler, 0); // so that only its bias is left
        Arrays.fill(score.tensors.get("pre_classifier.bias").values(), -1);
        double nothing = 1 / (1 + Math.exp(-bias[0]));
        assertThat(run(score)[0]).isCloseTo((float) nothing, within(1e-6f));
        Arrays.fill(score.tensors.get("pre_classifier.bias").values(), 2);
        double sum = bias[0];
        for (float weight : classifier) {
            sum += 2 * weight;
        }
        assertThat(run(score)[0]).isCloseTo((float) (1 / (1 + Math.exp(-sum))), within(1e-6f));
    }

    /** Expected is what transformers 5.18 gives. */
    @Test
    void electraHasNarrowEmbeddingsAndAHeadOfItsOwn() {
        float[] labels = {
            0.39823702f, 0.55222821f, 0.04953472f, 0.44784254f, 0.50274247f, 0.04941505f
        };
        assertThat(run(TinyCheckpoint.electra())).containsExactly(labels, within(1e-6f));
        TinyCheckpoint embedding = TinyCheckpoint.electra().with("{\"architectures\": []}");
        embedding.tensors.keySet().removeIf(name -> name.startsWith("classifier"));
        float[] vectors = run(embedding);
        float[] first = {0.03556064f, 0.29892698f, 0.33684114f, 0.07828541f};
        float[] second = {-0.16568331f, 0.08806659f, 0.31914935f, -0.24628401f};
        assertThat(Arrays.copyOf(vectors, 4)).containsExactly(first, within(1e-6f));
        assertThat(Arrays.copyOfRange(vectors, 16, 20)).containsExactly(second, within(1e-6f));
    }

    private static TinyCheckpoint with(TinyCheckpoint checkpoint, String tensor) {
        Shape shape = Shape.of(16);
        checkpoint.tensors.put(tensor, new TinyCheckpoint.Values(shape, new float[16]));
        return checkpoint;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "encoder.layers.1.attn.layer_scale",
                "encoder.layers.0.attn.q_norm.bias",
                "encoder.layers.0.ffn.post_norm.weight",
                "encoder.layers.0.attn.q.lora_A.weight",
                "encoder.layers.2.attn.q.weight",
                "encoder.embedding_norm.weight",
                "embeddings.position_embeddings.weight",
                "frontend.conv.0.bias"
            })
    void aParameterThatTheConfigDoesNotAskForIsRefused(String name) {
        assertThatThrownBy(() -> run(with(TinyCheckpoint.text("score").generate(), name)))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "%s: expected nothing of that name, as config.json asks for none, found"
                                + " F32 [16] in model.safetensors",
                        name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert.encoder.layer.1.output.adapters.a.up.weight",
                "bert.encoder.layer.2.output.dense.bias",
                "bert.embeddings.projection.weight"
            })
    void aParameterInsideBertThatTheConfigDoesNotAskForIsRefused(String name) {
        assertThatThrownBy(() -> run(with(TinyCheckpoint.bert("bert."), name)))
                .hasMessageStartingWith(name + ": expected nothing of that name");
    }

    @Test
    void bertsOtherHeadsAreLeftOut() {
        with(TinyCheckpoint.bert("bert."), "cls.predictions.bias").write(folder);
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            Weights weights = new Weights(file);
            Encoder.program(ModelConfig.read(folder), weights);
            assertThat(weights.leftOver()).containsExactly("cls.predictions.bias");
        }
    }

    @Test
    void aMissingParameterIsNamedWithItsShape() {
        TinyCheckpoint checkpoint = TinyCheckpoint.text("score").generate();
        checkpoint.tensors.remove("encoder.layers.1.ffn.down.weight");
        assertThatThrownBy(() -> run(checkpoint))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(
                        "encoder.layers.1.ffn.down.weight: expected F32, F16, BF16 or F64 [16, 24],"
                                + " found no such tensor (not used yet:"
                                + " encoder.layers.1.ffn.down.bias)");
    }
}
