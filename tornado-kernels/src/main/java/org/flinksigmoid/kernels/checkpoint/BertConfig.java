package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reads config.json as Hugging Face's BERT (Devlin et al., arXiv 1810.04805), RoBERTa, DistilBERT
 * and ELECTRA have it: post-norm softmax encoders. RoBERTa's positions count from the row behind
 * its padding token's id. With a classification head the task is classification (or a score, if it
 * has one output); otherwise it is an embedding, pooled and scaled to length 1 as {@link
 * SentencePooling sentence-transformers} says, by default the mean of length 1.
 */
final class BertConfig {
    /** What a family calls its sizes. */
    private record Keys(String width, String layers, String heads, String inner, String act) {}

    private static final Keys BERT =
            new Keys(
                    "hidden_size",
                    "num_hidden_layers",
                    "num_attention_heads",
                    "intermediate_size",
                    "hidden_act");
    private static final Keys DISTILBERT =
            new Keys("dim", "n_layers", "n_heads", "hidden_dim", "activation");

    /** Keys that mean nothing for inference, beside those of every model. */
    private static final Set<String> MEANINGLESS =
            Set.of(
                    "_attn_implementation",
                    "_name_or_path",
                    "architectures",
                    "attention_dropout",
                    "attention_probs_dropout_prob",
                    "bos_token_id",
                    "chunk_size_feed_forward",
                    "classifier_dropout",
                    "directionality",
                    "dropout",
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
                    "qa_dropout",
                    "return_dict",
                    "seq_classif_dropout",
                    "sinusoidal_pos_embds",
                    "summary_activation",
                    "summary_last_dropout",
                    "summary_type",
                    "summary_use_proj",
                    "tie_weights_",
                    "tie_word_embeddings",
                    "torchscript",
                    "type_vocab_size",
                    "use_cache");

    /** Heads that say something of tokens or of pairs of texts, which nothing here asks for. */
    private static final List<String> OTHER_HEADS =
            List.of(
                    "ForMultipleChoice",
                    "ForNextSentencePrediction",
                    "ForQuestionAnswering",
                    "ForTokenClassification");

    private static final String CLASSIFIER = "ForSequenceClassification";

    /** Before sentence-transformers 4. */
    private static final String OLD_FUNCTION = "sbert_ce_default_activation_function";

    private static final int MOST_TOKENS = 1 << 22;

    private BertConfig() {}

    static ModelConfig read(Path folder, ConfigFields fields, Family family) {
        requireEncoder(fields);
        List<String> labels = labels(fields);
        Task task = fields.choice("task", Task.values(), headTask(fields, family, labels));
        if (task == Task.CTC) {
            throw fields.bad(
                    "task",
                    "a task on text, as model_type \"%s\" is".formatted(family.key()),
                    "\"ctc\"");
        }
        if (task == Task.TEXT_CLASSIFICATION && labels.isEmpty()) {
            labels = numbered(2);
        }
        int first = family.isRoberta() ? 1 + fields.integer("pad_token_id", 0, MOST_TOKENS, 1) : 0;
        boolean distilled = family == Family.DISTILBERT;
        boolean electra = family == Family.ELECTRA;
        Keys keys = distilled ? DISTILBERT : BERT;
        int width = fields.integer(keys.width(), 1, ModelConfig.MAX_WIDTH, electra ? 256 : 768);
        SentencePooling sentence =
                task == Task.EMBEDDING
                        ? SentencePooling.read(folder, width)
                        : new SentencePooling(PoolingKind.MEAN, List.of(), false);
        return new ModelConfig(
                family,
                task,
                fields.has("task")
                        || task != Task.EMBEDDING
                        || Files.exists(folder.resolve(SentencePooling.MODULES)),
                width,
                electra ? fields.integer("embedding_size", 1, ModelConfig.MAX_WIDTH, 128) : width,
                fields.integer(keys.layers(), 1, 256, distilled ? 6 : 12),
                fields.integer(keys.heads(), 1, 256, electra ? 4 : 12),
                fields.integer(keys.inner(), 1, 4 * ModelConfig.MAX_WIDTH, electra ? 1024 : 3072),
                activation(fields, keys.act()),
                distilled ? 1e-12 : fields.number("layer_norm_eps", 0, 0.1, 1e-12),
                fields.integer("max_position_embeddings", first + 1, ModelConfig.MAX_POSITIONS, 512)
                        - first,
                fields.integer(
                        "vocab_size", 1, MOST_TOKENS, family == Family.ROBERTA ? 50_265 : 30_522),
                labels,
                AttentionConfig.softmax(),
                PositionConfig.learned(first),
                NormPlacement.POST,
                false,
                false,
                true,
                Optional.empty(),
                fields.choice("pooling", PoolingKind.values(), sentence.kind()),
                sentence.dense(),
                fields.flag("normalize", sentence.normalized()),
                false,
                fields.unused().stream()
                        .filter(key -> !ContractConfig.KNOWN_ELSEWHERE.contains(key))
                        .filter(key -> !MEANINGLESS.contains(key))
                        .toList());
    }

    /** Of text in both directions, with learned positions. */
    private static void requireEncoder(ConfigFields fields) {
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
    private static ActivationKind activation(ConfigFields fields, String key) {
        return switch (fields.text(key).orElse("gelu")) {
            case "gelu", "gelu_python" -> ActivationKind.GELU;
            case "gelu_accurate", "gelu_fast", "gelu_pytorch_tanh" -> ActivationKind.GELU_NEW;
            case "swish" -> ActivationKind.SILU;
            default -> fields.choice(key, ActivationKind.values());
        };
    }

    private static Task headTask(ConfigFields fields, Family family, List<String> labels) {
        // Files of one family sometimes name another's class, and Hugging Face goes by model_type.
        if (fields.listed("architectures", CLASSIFIER).isEmpty()) {
            requireNoOtherHead(fields, family);
            return Task.EMBEDDING;
        }
        Task task = labels.size() == 1 ? Task.SCORE : Task.TEXT_CLASSIFICATION;
        requireSigmoid(fields, task);
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

    /** A CrossEncoder of sentence-transformers says what it does with its one logit. */
    private static void requireSigmoid(ConfigFields fields, Task task) {
        Optional<ConfigFields> sentence = fields.object("sentence_transformers");
        Optional<String> now = sentence.flatMap(object -> object.text("activation_fn"));
        Optional<String> function = now.or(() -> fields.text(OLD_FUNCTION));
        if (task == Task.SCORE
                && !fields.has("task")
                && function.filter(name -> !name.endsWith(".Sigmoid")).isPresent()) {
            throw fields.bad(
                    now.isPresent() ? "sentence_transformers.activation_fn" : OLD_FUNCTION,
                    "that of Sigmoid, or \"task\": \"score\" for the sigmoid all the same",
                    '"' + Quoted.of(function.get()) + '"');
        }
    }

    private static void requireNoOtherHead(ConfigFields fields, Family family) {
        for (String head : OTHER_HEADS) {
            Optional<String> found = fields.listed("architectures", head);
            if (found.isPresent() && !fields.has("task")) {
                throw fields.bad(
                        "architectures",
                        "\"%s\", or \"task\": \"%s\" for the encoder alone"
                                .formatted(family.architecture(CLASSIFIER), Task.EMBEDDING.key()),
                        '"' + Quoted.of(found.get()) + '"');
            }
        }
    }
}
