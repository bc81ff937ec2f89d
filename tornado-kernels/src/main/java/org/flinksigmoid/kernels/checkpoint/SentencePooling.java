package org.flinksigmoid.kernels.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What sentence-transformers says beside config.json: the modules that make an embedding ({@code
 * modules.json}), and how one row comes from a text's rows ({@code 1_Pooling/config.json}: {@code
 * pooling_mode}, or a flag for each mode).
 *
 * @param kind the mean, where nothing is said
 * @param normalized whether vectors have length 1: not where modules are listed and none does that
 */
record SentencePooling(PoolingKind kind, boolean normalized) {
    private static final String MODULES = "modules.json";
    private static final String FOLDER = "1_Pooling";
    private static final String FILE = FOLDER + "/" + ModelConfig.FILE;
    private static final String MODE = "pooling_mode";
    private static final String MEAN_FLAG = "pooling_mode_mean_tokens";
    private static final String POOLING = "Pooling";
    private static final String NORMALIZE = "Normalize";
    private static final String EXPECTED = "mean, cls or max pooling";

    /**
     * Reads both files.
     *
     * @throws CheckpointException if they say what is not done here, or the second one is missing
     *     where the first names it
     */
    static SentencePooling read(Path folder) {
        List<String> modules =
                Files.exists(folder.resolve(MODULES))
                        ? ConfigFields.readObjects(folder, MODULES).stream()
                                .map(SentencePooling::known)
                                .toList()
                        : List.of(NORMALIZE);
        return new SentencePooling(
                kind(folder, modules.contains(POOLING)), modules.contains(NORMALIZE));
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
