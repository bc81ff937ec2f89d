package org.flinksigmoid.kernels.text;

import java.nio.file.Files;
import java.nio.file.Path;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ConfigFields;

/**
 * tokenizer_config.json beside a tokenizer.json. Of a BERT tokenizer it says once more what the
 * normalizer does, and Hugging Face's transformers go by it: where the two differ, nobody knows
 * what the model was trained with.
 */
final class TokenizerConfig {
    private static final String FILE_NAME = "tokenizer_config.json";
    private static final long LARGEST_FILE = 16_000_000;

    private TokenizerConfig() {}

    /**
     * Compares it, if there is one, with the normalizer of {@code tokenizer}.
     *
     * @throws CheckpointException if it says something else, or can't be read
     */
    static void requireAgreement(Path folder, ConfigFields tokenizer) {
        Path path = folder.resolve(FILE_NAME);
        if (Files.exists(path)) {
            ConfigFields config = ConfigFields.read(path, LARGEST_FILE);
            tokenizer
                    .object("normalizer")
                    .filter(part -> part.text("type").orElse("").equals("BertNormalizer"))
                    .filter(part -> config.text("tokenizer_class").orElse("Bert").contains("Bert"))
                    .ifPresent(part -> requireAgreement(config, part));
        }
    }

    private static void requireAgreement(ConfigFields config, ConfigFields normalizer) {
        boolean lowercase = normalizer.flag("lowercase");
        requireEqual(config, "do_lower_case", lowercase);
        requireEqual(config, "strip_accents", normalizer.flag("strip_accents", lowercase));
        requireEqual(config, "tokenize_chinese_chars", normalizer.flag("handle_chinese_chars"));
    }

    private static void requireEqual(ConfigFields config, String key, boolean done) {
        if (config.flag(key, done) != done) {
            throw config.bad(
                    key,
                    done + ", as the normalizer of tokenizer.json has it",
                    Boolean.toString(!done));
        }
    }
}
