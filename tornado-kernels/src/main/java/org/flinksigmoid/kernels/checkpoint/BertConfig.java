package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reads config.json as Hugging Face's BERT has it (Devlin et al., arXiv 1810.04805): post-norm
 * softmax encoders. With a classification head the task is classification (or a score, if it has
 * one output); otherwise it is an embedding, pooled and scaled to length 1 as {@link
 * SentencePooling sentence-transformers} says, by default the mean of length 1.
 */
final class BertConfig {
    /** Keys that mean nothing for inference, beside those of every model. */
    private static final Set<String> MEANINGLESS =
            Set.of(
                    "_attn_implementation",
                    "_name_or_path",
                    "architectures",
                    "attention_probs_dropout_prob",
                    "bos_token_id",
                    "chunk_size_feed_forward",
                    "classifier_dropout",
                    "directionality",
                    "eos_token_id",
                    "finetuning_task",
                    "gradient_checkpointing",
                    "hidden_dropout_prob",
                    "initializer_range",
                    "output_attentions",
                    "output_hidden_states",
                    "output_past",
                    "pad_token_id",
                    "pooler_fc_size",
                    "pooler_num_attention_heads",
                    "pooler_num_fc_layers",
                    "pooler_size_per_head",
                    "pooler_type",
                    "return_dict",
                    "tie_word_embeddings",
                    "torchscript",
                    "type_vocab_size",
                    "use_cache");

    /** Heads that say something of tokens or of pairs of texts, which nothing here asks for. */
    private static final List<String> OTHER_HEADS =
            List.of(
                    "BertForMultipleChoice",
                    "BertForNextSentencePrediction",
                    "BertForQuestionAnswering",
                    "BertForTokenClassification");

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
        for (String key : List.of("is_decoder", "add_cross_attention")) {
            if (fields.flag(key, false)) {
                throw fields.bad(key, "false, as a token attends to all of its text", "true");
            }
        }
        List<String> labels = labels(fields);
        Task task = fields.choice("task", Task.values(), headTask(fields, labels));
        if (task == Task.CTC) {
            throw fields.bad("task", "a task on text, as model_type \"bert\" is", "\"ctc\"");
        }
        if (task == Task.TEXT_CLASSIFICATION && labels.isEmpty()) {
            labels = numbered(2);
        }
        SentencePooling sentence =
                task == Task.EMBEDDING
                        ? SentencePooling.read(folder)
                        : new SentencePooling(PoolingKind.MEAN, false);
        return new ModelConfig(
                Family.BERT,
                task,
                fields.integer("hidden_size", 1, ModelConfig.MAX_WIDTH, 768),
                fields.integer("num_hidden_layers", 1, 256, 12),
                fields.integer("num_attention_heads", 1, 256, 12),
                fields.integer("intermediate_size", 1, 4 * ModelConfig.MAX_WIDTH, 3072),
                activation(fields),
                fields.number("layer_norm_eps", 0, 0.1, 1e-12),
                fields.integer("max_position_embeddings", 1, ModelConfig.MAX_POSITIONS, 512),
                fields.integer("vocab_size", 1, 1 << 22, 30_522),
                labels,
                AttentionConfig.softmax(),
                new PositionConfig(PositionKind.LEARNED, PositionConfig.DEFAULT_THETA),
                NormPlacement.POST,
                false,
                false,
                true,
                Optional.empty(),
                fields.choice("pooling", PoolingKind.values(), sentence.kind()),
                fields.flag("normalize", sentence.normalized()),
                false,
                fields.unused().stream()
                        .filter(key -> !ContractConfig.KNOWN_ELSEWHERE.contains(key))
                        .filter(key -> !MEANINGLESS.contains(key))
                        .toList());
    }

    /** Named, or as Hugging Face names as many as there are; empty where nothing is said. */
    private static List<String> labels(ConfigFields fields) {
        List<String> named = Labels.read(fields);
        int count = fields.integer("num_labels", 1, Labels.MOST, 0);
        return named.isEmpty() ? numbered(count) : named;
    }

    private static List<String> numbered(int count) {
        return IntStream.range(0, count).mapToObj(id -> "LABEL_" + id).toList();
    }

    /** Hugging Face has several names for a function, and several ways to compute it. */
    private static ActivationKind activation(ConfigFields fields) {
        String key = "hidden_act";
        return switch (fields.text(key).orElse("gelu")) {
            case "gelu", "gelu_python" -> ActivationKind.GELU;
            case "gelu_accurate", "gelu_fast", "gelu_pytorch_tanh" -> ActivationKind.GELU_NEW;
            case "swish" -> ActivationKind.SILU;
            default -> fields.choice(key, ActivationKind.values());
        };
    }

    private static Task headTask(ConfigFields fields, List<String> labels) {
        if (!fields.lists("architectures", "BertForSequenceClassification")) {
            requireNoOtherHead(fields);
            return Task.EMBEDDING;
        }
        Task task = labels.size() == 1 ? Task.SCORE : Task.TEXT_CLASSIFICATION;
        // Hugging Face takes logits as they are, or the sigmoid of each, where this says so.
        String other = task == Task.SCORE ? "regression" : "multi_label_classification";
        String problem = fields.text("problem_type").orElse("");
        if (!fields.has("task") && (problem.equals("regression") || problem.equals(other))) {
            throw fields.bad(
                    "problem_type",
                    "\"single_label_classification\", or \"task\": \"%s\" for the %s of it"
                            .formatted(task.key(), task == Task.SCORE ? "sigmoid" : "softmax"),
                    '"' + problem + '"');
        }
        return task;
    }

    private static void requireNoOtherHead(ConfigFields fields) {
        for (String head : OTHER_HEADS) {
            if (fields.lists("architectures", head) && !fields.has("task")) {
                throw fields.bad(
                        "architectures",
                        "\"BertForSequenceClassification\", or \"task\": \"%s\" for the encoder alone"
                                .formatted(Task.EMBEDDING.key()),
                        '"' + head + '"');
            }
        }
    }
}
