package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads config.json as this project's checkpoint contract has it. */
final class ContractConfig {
    /** Keys that other tools write and that mean nothing for inference. */
    static final Set<String> KNOWN_ELSEWHERE =
            Set.of("architectures", "dtype", "torch_dtype", "transformers_version", "label2id");

    /** Keys at the top of other models' files, and where ours have the same. */
    private static final Map<String, String> MISPLACED =
            Map.of(
                    "attention_bias", "use_bias",
                    "is_causal", "attention.causal",
                    "qk_norm", "attention.qk_norm",
                    "rope_parameters", "position.rope_theta",
                    "rope_scaling", "position.rope_theta",
                    "rope_theta", "position.rope_theta",
                    "sliding_window", "attention.sliding_window");

    /** The one kind of sigma reparametrisation. */
    private enum Reparam implements Keyed {
        SIGMA;

        @Override
        public String key() {
            return "sigma";
        }
    }

    /** The one tokenizer that config.json can name. */
    private enum NamedTokenizer implements Keyed {
        BYTE;

        @Override
        public String key() {
            return "byte";
        }
    }

    private ContractConfig() {}

    static ModelConfig read(Path folder, ConfigFields fields) {
        Task task = fields.choice("task", Task.values());
        boolean speech = task == Task.CTC;
        int vocabulary = fields.integer("vocab_size", 1, 1 << 22, speech ? 1 : 0);
        if (vocabulary == 0) {
            throw fields.bad("vocab_size", "the number of token ids", "nothing");
        }
        boolean bytes =
                fields.has("tokenizer")
                        && fields.choice("tokenizer", NamedTokenizer.values())
                                == NamedTokenizer.BYTE;
        boolean scaled = fields.has("layer_scale");
        if (scaled) {
            fields.number("layer_scale", -1e6, 1e6);
        }
        boolean reparam =
                fields.has("reparam")
                        && fields.choice("reparam", Reparam.values()) == Reparam.SIGMA;
        Optional<FrontEndConfig> frontEnd = fields.object("frontend").map(FrontEndConfig::read);
        AttentionConfig attention =
                fields.object("attention")
                        .map(AttentionConfig::read)
                        .orElseThrow(() -> fields.bad("attention", "an object", "nothing"));
        PositionConfig position =
                fields.object("position")
                        .map(PositionConfig::read)
                        .orElseThrow(() -> fields.bad("position", "an object", "nothing"));
        int width = fields.integer("hidden_size", 1, ModelConfig.MAX_WIDTH);
        List<String> labels = speech ? Labels.readCtc(folder, fields) : Labels.read(fields);
        return new ModelConfig(
                Family.FLINK_SIGMOID,
                task,
                true,
                width,
                width,
                fields.integer("num_hidden_layers", 1, 256),
                fields.integer("num_attention_heads", 1, 256),
                fields.integer("intermediate_size", 1, 4 * ModelConfig.MAX_WIDTH),
                fields.choice("hidden_act", ActivationKind.values()),
                fields.number("layer_norm_eps", 0, 0.1, 1e-5),
                fields.integer("max_position_embeddings", 1, ModelConfig.MAX_POSITIONS),
                speech ? 0 : vocabulary,
                labels,
                attention,
                position,
                fields.choice("norm", NormPlacement.values()),
                scaled,
                reparam,
                fields.flag("use_bias", true),
                frontEnd,
                fields.choice("pooling", PoolingKind.values(), PoolingKind.MEAN),
                List.of(),
                fields.flag("normalize", task == Task.EMBEDDING),
                bytes && !speech,
                unused(fields));
    }

    private static List<String> unused(ConfigFields fields) {
        for (String key : fields.unused()) {
            if (MISPLACED.containsKey(key)) {
                throw fields.bad(
                        key,
                        "nothing, as " + MISPLACED.get(key) + " is what is read",
                        ConfigFields.quoted(fields.value(key)));
            }
        }
        return fields.unused().stream().filter(key -> !KNOWN_ELSEWHERE.contains(key)).toList();
    }
}
