package org.flinksigmoid.kernels.text;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.flinksigmoid.kernels.checkpoint.ConfigFields;
import org.flinksigmoid.kernels.checkpoint.TextLength;

/**
 * What other files say of the tokenizer.json beside them. The tokenizer_config.json of a BERT
 * tokenizer says once more what the normalizer does, and Hugging Face's transformers go by it, and
 * by what it means where it says nothing; sentence_bert_config.json may ask for small letters.
 * Where they and the normalizer differ, nobody knows what the model was trained with.
 */
final class TokenizerConfig {
    private static final String FILE_NAME = "tokenizer_config.json";
    private static final long LARGEST_FILE = 16_000_000;
    private static final int MOST_PARTS = 64;
    private static final String LOWERCASE = "do_lower_case";
    private static final String SIDE = "truncation_side";
    private static final String BEGINNING = "the right side, as a long text's beginning is kept";

    private TokenizerConfig() {}

    /**
     * Compares the files that are there with {@code tokenizer}.
     *
     * @throws CheckpointException if one says something else or can't be read, or if the end of a
     *     long text is to be kept
     */
    static void requireAgreement(Path folder, ConfigFields tokenizer) {
        Optional<ConfigFields> config = read(folder, FILE_NAME);
        requireBeginning(config, tokenizer);
        if (config.isPresent()) {
            requireTheSamePrefix(config.get(), tokenizer.object("pre_tokenizer"));
        }
        Optional<ConfigFields> normalizer = tokenizer.object("normalizer");
        if (config.isPresent() && normalizer.isPresent()) {
            requireAgreement(config.get(), normalizer.get());
        }
        Optional<ConfigFields> sentence =
                TextLength.sentenceFile(folder).flatMap(file -> read(folder, file));
        if (sentence.filter(fields -> fields.flag(LOWERCASE, false)).isPresent()
                && normalizer.filter(TokenizerConfig::lowercases).isEmpty()) {
            requireEqual(sentence.get(), LOWERCASE, false, false);
        }
    }

    private static Optional<ConfigFields> read(Path folder, String file) {
        Path path = folder.resolve(file);
        return Files.exists(path)
                ? Optional.of(ConfigFields.read(path, LARGEST_FILE))
                : Optional.empty();
    }

    private static void requireBeginning(Optional<ConfigFields> config, ConfigFields tokenizer) {
        Optional<String> side = config.flatMap(fields -> fields.text(SIDE));
        if (side.filter("left"::equals).isPresent()) {
            throw config.orElseThrow().bad(SIDE, BEGINNING, "\"left\"");
        }
        Optional<String> direction =
                tokenizer.object("truncation").flatMap(part -> part.text("direction"));
        if (side.isEmpty() && direction.filter("Left"::equals).isPresent()) {
            throw tokenizer.bad("truncation.direction", BEGINNING, "\"Left\"");
        }
    }

    private static void requireAgreement(ConfigFields config, ConfigFields normalizer) {
        if (!is(normalizer, "BertNormalizer")
                || !config.text("tokenizer_class").orElse("Bert").contains("Bert")) {
            return;
        }
        boolean lowercase = normalizer.flag("lowercase");
        requireEqual(config, LOWERCASE, lowercase, true);
        requireEqual(
                config, "strip_accents", normalizer.flag("strip_accents", lowercase), lowercase);
        requireEqual(
                config, "tokenize_chinese_chars", normalizer.flag("handle_chinese_chars"), true);
    }

    /** Of byte-level BPE, as RoBERTa has it. */
    private static void requireTheSamePrefix(
            ConfigFields config, Optional<ConfigFields> preTokenizer) {
        String key = "add_prefix_space";
        boolean asked = config.flag(key, false);
        if (config.has(key)
                && preTokenizer
                        .filter(part -> is(part, "ByteLevel") && part.flag(key, true) != asked)
                        .isPresent()) {
            throw config.bad(
                    key,
                    !asked + ", as the pre_tokenizer of tokenizer.json has it",
                    Boolean.toString(asked));
        }
    }

    private static boolean is(ConfigFields part, String type) {
        return part.text("type").orElse("").equals(type);
    }

    private static boolean lowercases(ConfigFields part) {
        return is(part, "Lowercase")
                || is(part, "BertNormalizer") && part.flag("lowercase")
                || is(part, "Sequence")
                        && part.objects("normalizers", 0, MOST_PARTS).stream()
                                .anyMatch(TokenizerConfig::lowercases);
    }

    private static void requireEqual(
            ConfigFields config, String key, boolean done, boolean absent) {
        boolean found = config.flag(key, absent);
        if (found != done) {
            throw config.bad(
                    key,
                    done + ", as the normalizer of tokenizer.json has it",
                    config.has(key) ? Boolean.toString(found) : "nothing, which means " + found);
        }
    }
}
