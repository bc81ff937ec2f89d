package org.flinksigmoid.kernels.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ConfigFields;
import org.flinksigmoid.kernels.checkpoint.TextLength;

/**
 * What other files say of the tokenizer.json beside them. The tokenizer_config.json of a BERT
 * tokenizer says once more what the normalizer does, and Hugging Face's transformers go by it, and
 * by what it means where it says nothing or is not there; sentence_bert_config.json may ask for
 * small letters. Where they and the normalizer differ, nobody knows what the model was trained
 * with. Transformers also look for tokens that only other files name.
 */
final class TokenizerConfig {
    private static final String FILE_NAME = "tokenizer_config.json";
    private static final String ADDED = "added_tokens";
    private static final String SPLIT = "split_special_tokens";

    /** Models whose tokenizer is BERT's where no file says another one. */
    private static final Set<String> BERTS = Set.of("bert", "distilbert", "electra");

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
        requireAllTokens(folder, config, tokenizer);
        Optional<ConfigFields> normalizer = tokenizer.object("normalizer");
        if (normalizer.filter(part -> is(part, "BertNormalizer")).isPresent()
                && isBert(folder, config)) {
            requireAgreement(config, normalizer.get());
        }
        Optional<ConfigFields> sentence =
                TextLength.sentenceFile(folder).flatMap(file -> read(folder, file));
        if (sentence.filter(fields -> fields.flag(LOWERCASE, false)).isPresent()
                && normalizer.filter(TokenizerConfig::lowercases).isEmpty()) {
            requireEqual(sentence, LOWERCASE, false, false);
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

    /** Whether transformers make a BERT's tokenizer of the folder. */
    private static boolean isBert(Path folder, Optional<ConfigFields> config) {
        if (config.isPresent()) {
            String name = config.get().text("tokenizer_class").orElse("Bert");
            return name.contains("Bert") || name.contains("Electra");
        }
        return read(folder, "config.json")
                .flatMap(model -> model.text("model_type"))
                .filter(BERTS::contains)
                .isPresent();
    }

    private static void requireAgreement(Optional<ConfigFields> config, ConfigFields normalizer) {
        boolean lowercase = normalizer.flag("lowercase");
        requireEqual(config, LOWERCASE, lowercase, true);
        requireEqual(
                config, "strip_accents", normalizer.flag("strip_accents", lowercase), lowercase);
        requireEqual(
                config, "tokenize_chinese_chars", normalizer.flag("handle_chinese_chars"), true);
    }

    /** Tokens that transformers add to those of tokenizer.json, and look for in a text. */
    private static void requireAllTokens(
            Path folder, Optional<ConfigFields> config, ConfigFields tokenizer) {
        if (config.filter(fields -> fields.flag(SPLIT, false)).isPresent()) {
            throw config.get()
                    .bad(SPLIT, "false, as a special token that a text spells is one", "true");
        }
        Set<String> known = new HashSet<>();
        for (ConfigFields token : tokenizer.objects(ADDED, 0, AddedTokens.MOST)) {
            known.add(token.text("content").orElse(""));
        }
        config.ifPresent(fields -> requireNamed(fields, known));
        Optional<ConfigFields> decoder =
                config.flatMap(fields -> fields.object(ADDED + "_decoder"));
        if (decoder.isPresent()) {
            ConfigFields tokens = decoder.get();
            tokens.keys().forEach(id -> requireKnown(tokens, id, content(tokens.value(id)), known));
            return;
        }
        read(folder, "special_tokens_map.json").ifPresent(fields -> requireNamed(fields, known));
        read(folder, ADDED + ".json")
                .ifPresent(
                        tokens ->
                                tokens.keys()
                                        .forEach(key -> requireKnown(tokens, key, key, known)));
    }

    /** A token for each purpose, and lists of others. */
    private static void requireNamed(ConfigFields fields, Set<String> known) {
        for (String key : fields.keys()) {
            if (key.endsWith("_token")) {
                requireKnown(fields, key, content(fields.value(key)), known);
            } else if (key.equals("additional_special_tokens")
                    || key.equals("extra_special_tokens")) {
                fields.value(key)
                        .forEach(token -> requireKnown(fields, key, content(token), known));
            }
        }
    }

    /** A token is a text, or an object that has it. */
    private static String content(JsonNode token) {
        return token.isTextual() ? token.textValue() : token.path("content").asText("");
    }

    private static void requireKnown(
            ConfigFields fields, String key, String token, Set<String> known) {
        if (!token.isEmpty() && !known.contains(token)) {
            throw fields.bad(
                    key,
                    "tokens that added_tokens of tokenizer.json has, too (transformers'"
                            + " AutoTokenizer and save_pretrained write it so)",
                    '"' + ConfigFields.quoted(token) + '"');
        }
    }

    /** Of byte-level BPE, as RoBERTa has it. */
    private static void requireTheSamePrefix(
            ConfigFields config, Optional<ConfigFields> preTokenizer) {
        String key = "add_prefix_space";
        boolean asked = config.flag(key, false);
        boolean roberta = config.text("tokenizer_class").orElse("").startsWith("Roberta");
        if ((config.has(key) || roberta)
                && preTokenizer
                        .filter(part -> is(part, "ByteLevel") && part.flag(key, true) != asked)
                        .isPresent()) {
            throw config.bad(
                    key,
                    !asked + ", as the pre_tokenizer of tokenizer.json has it",
                    config.has(key) ? Boolean.toString(asked) : "nothing, which means false");
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
            Optional<ConfigFields> config, String key, boolean done, boolean absent) {
        boolean found = config.map(fields -> fields.flag(key, absent)).orElse(absent);
        if (found != done) {
            boolean said = config.filter(fields -> fields.has(key)).isPresent();
            String expected = done + ", as the normalizer of tokenizer.json has it";
            String value = said ? Boolean.toString(found) : "nothing, which means " + found;
            throw config.map(fields -> fields.bad(key, expected, value))
                    .orElseGet(() -> new CheckpointException(FILE_NAME, key, expected, value));
        }
    }
}
