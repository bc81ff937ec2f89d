package org.flinksigmoid.kernels.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;

/**
 * What a tokenizer.json does before and after its model. Native code ends the whole process where
 * one of these parts is wrong, or takes too long for a text, so only what is known to be harmless
 * is let through.
 */
final class TokenizerParts {
    private static final Set<String> NORMALIZERS =
            Set.of(
                    "BertNormalizer",
                    "ByteLevel",
                    "Lowercase",
                    "NFC",
                    "NFD",
                    "NFKC",
                    "NFKD",
                    "Nmt",
                    "Precompiled",
                    "Prepend",
                    "Replace",
                    "Sequence",
                    "Strip",
                    "StripAccents");
    private static final Set<String> PRE_TOKENIZERS =
            Set.of(
                    "BertPreTokenizer",
                    "ByteLevel",
                    "CharDelimiterSplit",
                    "Digits",
                    "FixedLength",
                    "Metaspace",
                    "Punctuation",
                    "Sequence",
                    "Split",
                    "UnicodeScripts",
                    "Whitespace",
                    "WhitespaceSplit");
    private static final Set<String> POST_PROCESSORS =
            Set.of(
                    "BertProcessing",
                    "ByteLevel",
                    "RobertaProcessing",
                    "Sequence",
                    "TemplateProcessing");

    /** Parts in all sequences of one kind. */
    private static final int MOST_PARTS = 64;

    /** So many times as long may replacements make a text. */
    private static final long MOST_GROWTH = 64;

    private static final int LONGEST_STRING = 1000;

    private final String file;
    private final int vocabularySize;
    private int parts;
    private long growth = 1;

    TokenizerParts(String file, int vocabularySize) {
        this.file = file;
        this.vocabularySize = vocabularySize;
    }

    /** Checks {@code normalizer}. */
    void checkNormalizer(JsonNode normalizer) {
        if (normalizer.isNull()) {
            return;
        }
        switch (type(normalizer, "normalizer", NORMALIZERS)) {
            case "Sequence" -> each(normalizer, "normalizers").forEach(this::checkNormalizer);
            case "Precompiled" -> {
                JsonNode map = normalizer.path("precompiled_charsmap");
                if (!map.isTextual() || !CharacterMap.isSound(map.textValue())) {
                    throw bad("normalizer.precompiled_charsmap", "a map of characters", "another");
                }
            }
            case "Prepend" -> {
                if (string(normalizer, "normalizer", "prepend").isEmpty()) {
                    throw bad("normalizer.prepend", "something to prepend", "nothing");
                }
            }
            case "Replace" -> {
                checkPattern(normalizer, "normalizer");
                int content = string(normalizer, "normalizer", "content").length();
                int found = normalizer.path("pattern").path("String").asText().length();
                growth *= found == 0 ? 1 + content : Math.max(1, Math.ceilDiv(content, found));
                if (growth > MOST_GROWTH) {
                    throw bad(
                            "normalizer",
                            "texts at most " + MOST_GROWTH + " times as long",
                            "longer ones");
                }
            }
            default -> {}
        }
    }

    /** Checks {@code pre_tokenizer}. */
    void checkPreTokenizer(JsonNode preTokenizer) {
        if (preTokenizer.isNull()) {
            return;
        }
        switch (type(preTokenizer, "pre_tokenizer", PRE_TOKENIZERS)) {
            case "Sequence" -> each(preTokenizer, "pretokenizers").forEach(this::checkPreTokenizer);
            case "Split" -> checkPattern(preTokenizer, "pre_tokenizer");
            case "FixedLength" -> {
                if (preTokenizer.path("length").asInt(0) < 1) {
                    throw bad(
                            "pre_tokenizer.length",
                            "an integer from 1",
                            preTokenizer.path("length").toString());
                }
            }
            default -> {}
        }
    }

    /** Checks {@code post_processor}. */
    void checkPostProcessor(JsonNode processor) {
        if (processor.isNull()) {
            return;
        }
        switch (type(processor, "post_processor", POST_PROCESSORS)) {
            case "Sequence" -> each(processor, "processors").forEach(this::checkPostProcessor);
            case "BertProcessing", "RobertaProcessing" -> {
                checkId(processor.path("sep").path(1));
                checkId(processor.path("cls").path(1));
            }
            case "TemplateProcessing" -> {
                JsonNode special = processor.path("special_tokens");
                special.forEach(token -> token.path("ids").forEach(this::checkId));
                checkTemplate(processor.path("single"), special, Set.of("A"));
                checkTemplate(processor.path("pair"), special, Set.of("A", "B"));
            }
            default -> {}
        }
    }

    private void checkTemplate(JsonNode template, JsonNode special, Set<String> sequences) {
        for (JsonNode piece : template) {
            JsonNode token = piece.path("SpecialToken").path("id");
            JsonNode sequence = piece.path("Sequence").path("id");
            boolean known = token.isTextual() && special.has(token.textValue());
            if (!known && !(sequence.isTextual() && sequences.contains(sequence.textValue()))) {
                throw bad(
                        "post_processor",
                        "pieces that are a sequence or one of its special_tokens",
                        "another");
            }
        }
    }

    private void checkId(JsonNode id) {
        if (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= vocabularySize) {
            throw bad("post_processor", "token ids below " + vocabularySize, shortened(id));
        }
    }

    private void checkPattern(JsonNode part, String field) {
        JsonNode pattern = part.path("pattern");
        if (!pattern.has("Regex")) {
            string(pattern, field + ".pattern", "String");
            return;
        }
        String regex = string(pattern, field + ".pattern", "Regex");
        String expected = "a regular expression that no text makes endless";
        try {
            int cost = RegexCost.of(regex);
            if (cost > RegexCost.MOST) {
                throw bad(field + ".pattern", expected, "2^" + cost + " ways to match one");
            }
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(file, field + ".pattern", expected, e.getMessage(), e);
        }
    }

    private String string(JsonNode part, String field, String key) {
        JsonNode value = part.path(key);
        if (!value.isTextual() || value.textValue().length() > LONGEST_STRING) {
            throw bad(
                    field + "." + key,
                    "a string of at most " + LONGEST_STRING + " characters",
                    shortened(value));
        }
        return value.textValue();
    }

    private JsonNode each(JsonNode sequence, String key) {
        JsonNode parts = sequence.path(key);
        if (!parts.isArray()) {
            throw bad(key, "an array", shortened(parts));
        }
        return parts;
    }

    private String type(JsonNode part, String field, Set<String> known) {
        parts++;
        if (parts > MOST_PARTS) {
            throw bad(field, "at most " + MOST_PARTS + " parts", "more");
        }
        JsonNode type = part.path("type");
        if (!type.isTextual() || !known.contains(type.textValue())) {
            throw bad(
                    field + ".type", "one of " + known.stream().sorted().toList(), shortened(type));
        }
        return type.textValue();
    }

    private static String shortened(JsonNode node) {
        String text = node.isMissingNode() ? "nothing" : node.toString();
        return text.length() > 40 ? "another" : text;
    }

    private CheckpointException bad(String field, String expected, String found) {
        return new CheckpointException(file, field, expected, found);
    }
}
