package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads config.json as Hugging Face's BERT has it (Devlin et al., arXiv 1810.04805): post-norm
 * softmax encoders. With a classification head the task is classification (or a score, if it has
 * one output); otherwise it is an embedding, pooled as sentence-transformers' {@code
 * 1_Pooling/config.json} says, the mean by default, and scaled to length 1.
 */
final class BertConfig {
    private BertConfig() {}

    static ModelConfig read(Path folder, ConfigFields fields) {
        if (fields.text("position_embedding_type")
                .filter(type -> !type.equals("absolute"))
                .isPresent()) {
            throw fields.bad(
                    "position_embedding_type",
                    "\"absolute\"",
                    Quoted.of(fields.text("position_embedding_type").orElseThrow()));
        }
        List<String> labels = Labels.read(fields);
        Task task = fields.choice("task", Task.values(), headTask(fields, labels));
        if (task == Task.CTC) {
            throw fields.bad("task", "a task on text, as model_type \"bert\" is", "\"ctc\"");
        }
        if (task == Task.TEXT_CLASSIFICATION && labels.isEmpty()) {
            labels = List.of("LABEL_0", "LABEL_1");
        }
        return new ModelConfig(
                Family.BERT,
                task,
                fields.integer("hidden_size", 1, ModelConfig.MAX_WIDTH, 768),
                fields.integer("num_hidden_layers", 1, 256, 12),
                fields.integer("num_attention_heads", 1, 256, 12),
                fields.integer("intermediate_size", 1, 4 * ModelConfig.MAX_WIDTH, 3072),
                fields.choice("hidden_act", ActivationKind.values(), ActivationKind.GELU),
                fields.number("layer_norm_eps", 1e-12, 0.1, 1e-12),
                fields.integer("max_position_embeddings", 1, ModelConfig.MAX_POSITIONS, 512),
                fields.integer("vocab_size", 1, 1 << 22, 30_522),
                task == Task.EMBEDDING ? List.of() : labels,
                AttentionConfig.softmax(),
                new PositionConfig(PositionKind.LEARNED, PositionConfig.DEFAULT_THETA),
                NormPlacement.POST,
                false,
                false,
                true,
                Optional.empty(),
                fields.choice("pooling", PoolingKind.values(), sentencePooling(folder)),
                fields.flag("normalize", task == Task.EMBEDDING),
                false,
                List.of());
    }

    private static Task headTask(ConfigFields fields, List<String> labels) {
        if (!fields.lists("architectures", "BertForSequenceClassification")) {
            return Task.EMBEDDING;
        }
        return labels.size() == 1 ? Task.SCORE : Task.TEXT_CLASSIFICATION;
    }

    private static PoolingKind sentencePooling(Path folder) {
        Path path = folder.resolve("1_Pooling").resolve(ModelConfig.FILE);
        if (!Files.exists(path)) {
            return PoolingKind.MEAN;
        }
        ConfigFields pooling = ConfigFields.read(path);
        if (pooling.flag("pooling_mode_cls_token", false)) {
            return PoolingKind.CLS;
        }
        if (pooling.flag("pooling_mode_max_tokens", false)) {
            return PoolingKind.MAX;
        }
        if (!pooling.flag("pooling_mode_mean_tokens", true)) {
            throw pooling.bad("pooling_mode_mean_tokens", "mean, cls or max pooling", "none");
        }
        return PoolingKind.MEAN;
    }
}
