package org.flinksigmoid.kernels.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What sentence-transformers says beside config.json: the modules that make an embedding ({@code
 * modules.json}), and how one row comes from a text's rows ({@code 1_Pooling/config.json}: {@code
 * pooling_mode}, or a flag for each mode). What {@code config_sentence_transformers.json} asks for
 * beside that is not done here.
 *
 * @param kind the mean, where nothing is said
 * @param normalized whether vectors have length 1: not where modules are listed and none does that
 */
record SentencePooling(PoolingKind kind, boolean normalized) {
    private static final String MODULES = "modules.json";
    private static final String WHOLE = "config_sentence_transformers.json";
    private static final String FOLDER = "1_Pooling";
    private static final String FILE = FOLDER + "/" + ModelConfig.FILE;
    private static final String MODE = "pooling_mode";
    private static final String MEAN_FLAG = "pooling_mode_mean_tokens";
    private static final String POOLING = "Pooling";
    private static final String NORMALIZE = "Normalize";
    private static final String EXPECTED = "mean, cls or max pooling";

    /**
     * Reads these files.
     *
     * @throws CheckpointException if they say what is not done here, or the pooling is missing
     *     where the modules name it
     */
    static SentencePooling read(Path folder) {
        requireNoPromptAndAllColumns(folder);
        List<String> modules =
                Files.exists(folder.resolve(MODULES))
                        ? ConfigFields.readObjects(folder, MODULES).stream()
                                .map(SentencePooling::known)
                                .toList()
                        : List.of(NORMALIZE);
        return new SentencePooling(
                kind(folder, modules.contains(POOLING)), modules.contains(NORMALIZE));
    }

    private static void requireNoPromptAndAllColumns(Path folder) {
        if (!Files.exists(folder.resolve(WHOLE))) {
            return;
        }
        ConfigFields fields = ConfigFields.read(folder, WHOLE);
        String name = fields.text("default_prompt_name").orElse("");
        String prompt = fields.object("prompts").flatMap(prompts -> prompts.text(name)).orElse("");
        if (!prompt.isEmpty()) {
            throw fields.bad(
                    "default_prompt_name",
                    "null, as a text gets no prompt here (put \"%s\" before each text)"
                            .formatted(Quoted.of(prompt)),
                    '"' + Quoted.of(name) + '"');
        }
        if (fields.has("truncate_dim")) {
            throw fields.bad(
                    "truncate_dim",
                    "null, as an embedding is whole here (take its first numbers)",
                    ConfigFields.quoted(fields.value("truncate_dim")));
        }
    }

    private static PoolingKind kind(Path folder, boolean named) {
        if (!named && !Files.exists(folder.resolve(FILE))) {
            return PoolingKind.MEAN;
        }
        ConfigFields fields = ConfigFields.read(folder, FILE);
        return fields.has(MODE) ? mode(fields) : flags(fields);
    }

    /** What kind of module it is. */
    private static String known(ConfigFields module) {
        String type = module.text("type").orElse("");
        String kind = type.substring(type.lastIndexOf('.') + 1);
        switch (kind) {
            case "Transformer", "BERT", NORMALIZE, "Dropout" -> {}
            case POOLING -> {
                String path = module.text("path").orElse("");
                if (!path.equals(FOLDER)) {
                    throw module.bad("path", '"' + FOLDER + '"', '"' + Quoted.of(path) + '"');
                }
            }
            default ->
                    throw module.bad(
                            "type",
                            "one of Transformer, Pooling, Normalize",
                            '"' + Quoted.of(type) + '"');
        }
        return kind;
    }

    private static PoolingKind mode(ConfigFields fields) {
        JsonNode mode = fields.value(MODE);
        JsonNode only = mode.isArray() && mode.size() == 1 ? mode.get(0) : mode;
        for (PoolingKind kind : PoolingKind.values()) {
            if (only.isTextual() && only.textValue().equals(kind.key())) {
                return kind;
            }
        }
        throw fields.bad(MODE, EXPECTED, ConfigFields.quoted(mode));
    }

    private static PoolingKind flags(ConfigFields fields) {
        List<String> set =
                fields.keys().stream()
                        .filter(key -> key.startsWith(MODE) && fields.flag(key, false))
                        .toList();
        if (set.size() > 1) {
            throw fields.bad(set.get(1), "false, as " + set.get(0) + " is true", "true");
        }
        if (set.isEmpty() && fields.has(MEAN_FLAG)) {
            throw fields.bad(MEAN_FLAG, EXPECTED, "none");
        }
        return switch (set.isEmpty() ? MEAN_FLAG : set.getFirst()) {
            case MEAN_FLAG -> PoolingKind.MEAN;
            case "pooling_mode_cls_token" -> PoolingKind.CLS;
            case "pooling_mode_max_tokens" -> PoolingKind.MAX;
            default -> throw fields.bad(set.getFirst(), EXPECTED, "another");
        };
    }
}
