package org.flinksigmoid.kernels.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.text.Normalizer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.flinksigmoid.kernels.checkpoint.ConfigFields;

/**
 * What a tokenizer.json does before its model: normalizer or pre-tokenizer. Native code ends the
 * whole process where one of these parts is wrong, takes a part for another one by its keys, or
 * takes too long for a text. So a part is written anew, with the keys that its type has.
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
    private static final Set<String> BEHAVIORS =
            Set.of("Contiguous", "Isolated", "MergedWithNext", "MergedWithPrevious", "Removed");
    private static final Set<String> SCHEMES = Set.of("always", "first", "never");

    /** Parts in all sequences of one kind. */
    private static final int MOST_PARTS = 64;

    private static final int LONGEST_STRING = 1000;

    /** Nanoseconds of a part for a character. */
    private static final double PASS = 50;

    /** Nanoseconds of a step of a pattern. */
    private static final double STEP = 4;

    /** Characters that one at most is taken apart into by NFKC, NFKD; where it can't be again. */
    private static final int COMPATIBILITY = 18;

    private static final int CANONICAL = 4;

    private final TextCost cost;
    private final List<TokenizerFile.Pattern> patterns;
    private final ArrayNode written = JsonNodeFactory.instance.arrayNode();

    /** Whether a part has left nothing that NFKC or NFKD takes apart but what NFD does. */
    private boolean compatible;

    private TokenizerParts(TextCost cost, List<TokenizerFile.Pattern> patterns) {
        this.cost = cost;
        this.patterns = patterns;
    }

    /** The part {@code normalizer} of a file, what it costs, and its regular expressions. */
    static JsonNode normalizer(
            ConfigFields file, TextCost cost, List<TokenizerFile.Pattern> patterns) {
        TokenizerParts parts = new TokenizerParts(cost, patterns);
        file.object("normalizer").ifPresent(parts::addNormalizer);
        return parts.sequence("normalizers");
    }

    /** The part {@code pre_tokenizer} of a file, what it costs, and its regular expressions. */
    static JsonNode preTokenizer(
            ConfigFields file, TextCost cost, List<TokenizerFile.Pattern> patterns) {
        TokenizerParts parts = new TokenizerParts(cost, patterns);
        file.object("pre_tokenizer").ifPresent(parts::addPreTokenizer);
        return parts.sequence("pretokenizers");
    }

    private JsonNode sequence(String key) {
        if (written.size() < 2) {
            return written.isEmpty() ? NullNode.getInstance() : written.get(0);
        }
        ObjectNode sequence = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
        sequence.set(key, written);
        return sequence;
    }

    private void addNormalizer(ConfigFields part) {
        String type = part.choice("type", NORMALIZERS);
        if (type.equals("Sequence")) {
            part.objects("normalizers", 0, MOST_PARTS).forEach(this::addNormalizer);
            return;
        }
        ObjectNode out = begin(part, type);
        switch (type) {
            case "BertNormalizer" -> {
                out.put("clean_text", part.flag("clean_text"));
                out.put("handle_chinese_chars", part.flag("handle_chinese_chars"));
                out.put("lowercase", part.flag("lowercase"));
                if (part.has("strip_accents")) {
                    out.put("strip_accents", part.flag("strip_accents", true));
                }
                cost.grows(4);
            }
            case "ByteLevel", "NFC" -> cost.grows(3);
            case "Lowercase" -> cost.grows(2);
            case "NFD" -> cost.grows(CANONICAL);
            case "NFKC", "NFKD" -> {
                cost.grows(compatible ? CANONICAL : COMPATIBILITY);
                compatible = true;
            }
            case "Precompiled" -> {
                String map = part.text("precompiled_charsmap").orElse("");
                Optional<CharacterMap> sound = CharacterMap.read(map);
                if (sound.isEmpty()) {
                    throw part.bad("precompiled_charsmap", "a map of characters", "another");
                }
                out.put("precompiled_charsmap", map);
                cost.grows(Math.max(1, sound.get().longestText()));
                compatible = false;
            }
            case "Prepend" -> {
                String prepend = string(part, "prepend", 1);
                out.put("prepend", prepend);
                cost.grows(1 + prepend.length()); // before each added token, too
                compatible &= Normalizer.isNormalized(prepend, Normalizer.Form.NFKD);
            }
            case "Replace" -> {
                pattern(part, out, true);
                String content = string(part, "content", 0);
                out.put("content", content);
                cost.grows(Math.max(1, content.length()));
                compatible &= Normalizer.isNormalized(content, Normalizer.Form.NFKD);
            }
            case "Strip" -> {
                out.put("strip_left", part.flag("strip_left"));
                out.put("strip_right", part.flag("strip_right"));
            }
            default -> {}
        }
        end(part, out);
    }

    private void addPreTokenizer(ConfigFields part) {
        String type = part.choice("type", PRE_TOKENIZERS);
        if (type.equals("Sequence")) {
            part.objects("pretokenizers", 0, MOST_PARTS).forEach(this::addPreTokenizer);
            return;
        }
        ObjectNode out = begin(part, type);
        switch (type) {
            case "ByteLevel" -> {
                out.put("add_prefix_space", part.flag("add_prefix_space"));
                out.put("trim_offsets", part.flag("trim_offsets"));
                out.put("use_regex", part.flag("use_regex", true));
                cost.grows(4);
            }
            case "CharDelimiterSplit" -> out.put("delimiter", character(part, "delimiter"));
            case "Digits" -> out.put("individual_digits", part.flag("individual_digits"));
            case "FixedLength" -> out.put("length", part.integer("length", 1, LONGEST_STRING));
            case "Metaspace" -> {
                boolean prefix = part.flag("add_prefix_space", true);
                out.put("replacement", character(part, "replacement"));
                out.put("prepend_scheme", prepending(part, prefix));
                out.put("split", part.flag("split", true));
                cost.grows(2);
            }
            case "Punctuation" ->
                    out.put("behavior", part.choice("behavior", BEHAVIORS, "Isolated"));
            case "Split" -> {
                pattern(part, out, false);
                out.put("behavior", part.choice("behavior", BEHAVIORS));
                out.put("invert", part.flag("invert"));
            }
            default -> {}
        }
        end(part, out);
    }

    private ObjectNode begin(ConfigFields part, String type) {
        if (written.size() == MOST_PARTS) {
            throw part.bad("type", "at most " + MOST_PARTS + " parts", "more");
        }
        cost.takes(length -> PASS);
        return written.addObject().put("type", type);
    }

    private void end(ConfigFields part, ObjectNode out) {
        if (cost.longest() < TextCost.LEAST) {
            throw part.bad(out.has("pattern") ? "pattern" : "type", TextCost.EXPECTED, "more");
        }
    }

    private static String prepending(ConfigFields part, boolean prefix) {
        String scheme =
                part.has("prepend_scheme") || prefix
                        ? part.choice("prepend_scheme", SCHEMES, "always")
                        : "never";
        if (!prefix && !scheme.equals("never")) {
            throw part.bad("prepend_scheme", "never, as add_prefix_space is false", scheme);
        }
        return scheme;
    }

    /** Native code loses count where it replaces an empty match. */
    private void pattern(ConfigFields part, ObjectNode out, boolean replaced) {
        ConfigFields pattern =
                part.object("pattern")
                        .orElseThrow(() -> part.bad("pattern", "a String or a Regex", "nothing"));
        if (pattern.has("Regex") == pattern.has("String")) {
            throw part.bad("pattern", "a String or a Regex", "both or neither");
        }
        if (pattern.has("String")) {
            String found = string(pattern, "String", 1);
            out.putObject("pattern").put("String", found);
            cost.takes(length -> found.length());
            return;
        }
        String regex = string(pattern, "Regex", 1);
        out.putObject("pattern").put("Regex", regex);
        patterns.add(new TokenizerFile.Pattern(regex, pattern));
        try {
            boolean matchesNothing = RegexCost.of(regex, 1).matchesNothing();
            if (replaced && matchesNothing) {
                throw pattern.bad("Regex", "what matches a character or more", "less");
            }
            cost.takes(length -> STEP * RegexCost.of(regex, length).steps());
        } catch (IllegalArgumentException e) {
            throw pattern.bad("Regex", "a regular expression of known syntax", e.getMessage(), e);
        }
    }

    private static String character(ConfigFields part, String key) {
        String text = string(part, key, 1);
        if (text.codePointCount(0, text.length()) > 1) {
            throw part.bad(key, "one character", text.length() + " of them");
        }
        return text;
    }

    private static String string(ConfigFields part, String key, int least) {
        return part.string(key, least, LONGEST_STRING);
    }
}
