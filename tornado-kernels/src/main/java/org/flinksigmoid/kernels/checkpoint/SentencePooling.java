package org.flinksigmoid.kernels.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What sentence-transformers says beside config.json: the modules that make an embedding ({@code
 * modules.json}), and how one row comes from a text's rows ({@code 1_Pooling/config.json}: {@code
 * pooling_mode}, or a flag for each mode). What {@code config_sentence_transformers.json} asks for
 * beside that is not done here.
 *
 * @param kind the mean, where nothing is said
 * @param dense linear layers behind that
 * @param normalized whether vectors have length 1: not where modules are listed and none does that
 */
record SentencePooling(PoolingKind kind, List<DenseConfig> dense, boolean normalized) {
    static final String MODULES = "modules.json";
    private static final String WHOLE = "config_sentence_transformers.json";
    private static final Pattern POOLING = Pattern.compile("1_Pooling");
    private static final Pattern DENSE = Pattern.compile("[0-9]+_Dense[A-Za-z0-9_-]*");
    private static final int MOST_DENSE = 8;
    private static final String PLACE_OF_DENSE =
            "at most %d of Dense, between Pooling and Normalize".formatted(MOST_DENSE);
    private static final String FILE = POOLING + "/" + ModelConfig.FILE;
    private static final String MODE = "pooling_mode";
    private static final String MEAN_FLAG = "pooling_mode_mean_tokens";
    private static final String EXPECTED = "mean, cls or max pooling";

    SentencePooling {
        dense = List.copyOf(dense);
    }

    /**
     * Reads these files.
     *
     * @param width the encoder's
     * @throws CheckpointException if they say what is not done here, or a module's file is missing
     */
    static SentencePooling read(Path folder, int width) {
        requireNoPromptAndAllColumns(folder);
        if (!Files.exists(folder.resolve(MODULES))) {
            return new SentencePooling(kind(folder, false), List.of(), true);
        }
        boolean pooled = false;
        boolean normalized = false;
        List<DenseConfig> dense = new ArrayList<>();
        for (ConfigFields module : ConfigFields.readObjects(folder, MODULES)) {
            String type = module.text("type").orElse("");
            switch (type.substring(type.lastIndexOf('.') + 1)) {
                case "Transformer", "BERT", "Dropout" -> {}
                case "Pooling" -> {
                    if (normalized) {
                        throw module.bad("type", "Normalize behind Pooling", "before it");
                    }
                    path(module, POOLING);
                    pooled = true;
                }
                case "Dense" -> {
                    if (!pooled || normalized || dense.size() == MOST_DENSE) {
                        throw module.bad("type", PLACE_OF_DENSE, '"' + Quoted.of(type) + '"');
                    }
                    int inputs = dense.isEmpty() ? width : dense.getLast().outputs();
                    dense.add(DenseConfig.read(folder, path(module, DENSE), inputs));
                }
                case "Normalize" -> normalized = true;
                default ->
                        throw module.bad(
                                "type",
                                "one of Transformer, Pooling, Dense, Normalize",
                                '"' + Quoted.of(type) + '"');
            }
        }
        if (!pooled) {
            throw new CheckpointException(
                    MODULES, "", "a Pooling, for one row of a text's", "none");
        }
        return new SentencePooling(kind(folder, true), dense, normalized);
    }

    /** The folder of a module, which is named as sentence-transformers names it. */
    private static String path(ConfigFields module, Pattern expected) {
        String path = module.text("path").orElse("");
        if (!expected.matcher(path).matches()) {
            throw module.bad("path", '"' + expected.pattern() + '"', '"' + Quoted.of(path) + '"');
        }
        return path;
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
        if (!fields.flag("include_prompt", true)) {
            throw fields.bad(
                    "include_prompt",
                    "true, as a prompt before a text is pooled with it here (write true if texts"
                            + " have none)",
                    "false");
        }
        return fields.has(MODE) ? mode(fields) : flags(fields);
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
