package org.flinksigmoid.kernels.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What sentence-transformers says beside config.json: the modules that make an embedding ({@code
 * modules.json}), and how one row comes from a text's rows ({@code 1_Pooling/config.json}: {@code
 * pooling_mode}, or a flag for each mode).
 */
final class SentencePooling {
    private static final String MODULES = "modules.json";
    private static final String FOLDER = "1_Pooling";
    private static final String FILE = FOLDER + "/" + ModelConfig.FILE;
    private static final String MODE = "pooling_mode";
    private static final String MEAN_FLAG = "pooling_mode_mean_tokens";
    private static final String EXPECTED = "mean, cls or max pooling";

    private SentencePooling() {}

    /** The mean, where nothing is said. */
    static PoolingKind read(Path folder) {
        if (Files.exists(folder.resolve(MODULES))) {
            ConfigFields.readObjects(folder, MODULES).forEach(SentencePooling::requireKnown);
        }
        if (!Files.exists(folder.resolve(FILE))) {
            return PoolingKind.MEAN;
        }
        ConfigFields fields = ConfigFields.read(folder, FILE);
        return fields.has(MODE) ? mode(fields) : flags(fields);
    }

    private static void requireKnown(ConfigFields module) {
        String type = module.text("type").orElse("");
        switch (type.substring(type.lastIndexOf('.') + 1)) {
            case "Transformer", "BERT", "Normalize", "Dropout" -> {}
            case "Pooling" -> {
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
