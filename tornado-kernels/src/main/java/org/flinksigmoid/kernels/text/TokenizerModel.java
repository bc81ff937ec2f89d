package org.flinksigmoid.kernels.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.flinksigmoid.kernels.checkpoint.ConfigFields;

/**
 * The {@code model} of a tokenizer.json, written anew: a vocabulary whose ids the embedding table
 * has, a token for what it lacks, and merges of tokens that it has.
 *
 * @param json for native code
 * @param ids of the vocabulary's tokens
 */
record TokenizerModel(JsonNode json, Map<String, Integer> ids) {
    private static final Set<String> TYPES = Set.of("BPE", "Unigram", "WordPiece");
    private static final String VOCABULARY = "vocab";
    private static final String UNKNOWN_TOKEN = "unk_token";
    private static final String PREFIX = "continuing_subword_prefix";

    /** Vocabularies of code have spaces by the thousand. */
    private static final int LONGEST_TOKEN = 4096;

    /** Bytes of a Unigram token: native code goes through them by recursion, a node for each. */
    private static final int LONGEST_PIECE = 256;

    private static final int MOST_NODES = 10_000_000;
    private static final int LONGEST_AFFIX = 100;
    private static final int LONGEST_WORD = 1000;

    /** Nanoseconds for a character of what takes no longer for a longer one. */
    private static final double CHARACTER = 300;

    /** Nanoseconds for a token that is found at a place. */
    private static final double MATCH = 250;

    /** Reads the part, and adds what it costs. */
    static TokenizerModel read(ConfigFields file, int vocabularySize, TextCost cost) {
        ConfigFields fields =
                file.object("model").orElseThrow(() -> file.bad("model", "an object", "nothing"));
        String type = fields.choice("type", TYPES);
        ObjectNode out = JsonNodeFactory.instance.objectNode().put("type", type);
        return switch (type) {
            case "BPE" -> bpe(fields, out, vocabularySize, cost);
            case "Unigram" -> unigram(fields, out, vocabularySize, cost);
            default -> wordPiece(fields, out, vocabularySize, cost);
        };
    }

    private static TokenizerModel wordPiece(
            ConfigFields fields, ObjectNode out, int vocabularySize, TextCost cost) {
        Map<String, Integer> ids = vocabulary(fields, out, vocabularySize);
        unknownToken(fields, out, ids);
        String prefix = fields.string(PREFIX, 0, LONGEST_AFFIX);
        out.put(PREFIX, prefix);
        int word = fields.integer("max_input_chars_per_word", 0, LONGEST_WORD);
        out.put("max_input_chars_per_word", word);
        // From each place of a word every piece up to its end is looked up.
        cost.takes(length -> CHARACTER + (double) word * (word + prefix.length()));
        return new TokenizerModel(out, ids);
    }

    private static TokenizerModel bpe(
            ConfigFields fields, ObjectNode out, int vocabularySize, TextCost cost) {
        Map<String, Integer> ids = vocabulary(fields, out, vocabularySize);
        JsonNode dropout = fields.value("dropout");
        if (!dropout.isMissingNode() && !(dropout.isNumber() && dropout.doubleValue() == 0)) {
            throw fields.bad(
                    "dropout",
                    "null or 0, as a text has to have the same tokens each time",
                    ConfigFields.quoted(dropout));
        }
        if (fields.has(UNKNOWN_TOKEN)) {
            unknownToken(fields, out, ids);
        }
        for (String flag : new String[] {"fuse_unk", "byte_fallback", "ignore_merges"}) {
            out.put(flag, fields.flag(flag, false));
        }
        for (String affix : new String[] {PREFIX, "end_of_word_suffix"}) {
            if (fields.has(affix)) {
                out.put(affix, fields.string(affix, 0, LONGEST_AFFIX));
            }
        }
        merges(fields, out, ids);
        cost.takes(length -> CHARACTER);
        return new TokenizerModel(out, ids);
    }

    private static TokenizerModel unigram(
            ConfigFields fields, ObjectNode out, int vocabularySize, TextCost cost) {
        JsonNode pieces = fields.value(VOCABULARY);
        if (!pieces.isArray() || pieces.isEmpty()) {
            throw fields.bad(VOCABULARY, "an array of tokens and their scores", found(pieces));
        }
        requireId(fields, vocabularySize, pieces.size() - 1);
        Map<String, Integer> ids = HashMap.newHashMap(pieces.size());
        int nodes = 0;
        int id = 0;
        for (JsonNode piece : pieces) {
            if (piece.size() != 2 || !piece.path(0).isTextual() || !piece.path(1).isNumber()) {
                throw fields.bad(
                        VOCABULARY, "pairs of a token and its score", ConfigFields.quoted(piece));
            }
            String token = token(fields, piece.get(0).textValue());
            if (!Double.isFinite(piece.get(1).doubleValue())) {
                throw fields.bad(VOCABULARY, "finite scores", ConfigFields.quoted(piece));
            }
            int bytes = token.getBytes(StandardCharsets.UTF_8).length;
            nodes += bytes;
            if (bytes > LONGEST_PIECE || nodes > MOST_NODES) {
                throw fields.bad(
                        VOCABULARY,
                        "at most %d bytes a token and %d in all"
                                .formatted(LONGEST_PIECE, MOST_NODES),
                        "more");
            }
            ids.put(token, id++);
        }
        out.set(VOCABULARY, pieces);
        out.put("unk_id", fields.integer("unk_id", 0, pieces.size() - 1));
        out.put("byte_fallback", fields.flag("byte_fallback", false));
        // From each place every token that begins there is copied and looked up.
        double found = MATCH * mostNested(ids);
        cost.takes(length -> CHARACTER + found);
        return new TokenizerModel(out, ids);
    }

    /** Tokens that begin another one, and that one. */
    private static int mostNested(Map<String, Integer> ids) {
        int most = 0;
        for (String token : ids.keySet()) {
            int nested = 1;
            for (int end = 1; end < token.length(); end++) {
                nested += ids.containsKey(token.substring(0, end)) ? 1 : 0;
            }
            most = Math.max(most, nested);
        }
        return most;
    }

    private static Map<String, Integer> vocabulary(
            ConfigFields fields, ObjectNode out, int vocabularySize) {
        JsonNode vocabulary = fields.value(VOCABULARY);
        if (!vocabulary.isObject() || vocabulary.isEmpty()) {
            throw fields.bad(VOCABULARY, "an object of tokens and their ids", found(vocabulary));
        }
        Map<String, Integer> ids = HashMap.newHashMap(vocabulary.size());
        for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
            JsonNode id = entry.getValue();
            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
                throw fields.bad(VOCABULARY, "token ids from 0 to 2^31-1", ConfigFields.quoted(id));
            }
            requireId(fields, vocabularySize, id.intValue());
            ids.put(token(fields, entry.getKey()), id.intValue());
        }
        out.set(VOCABULARY, vocabulary);
        return ids;
    }

    private static void requireId(ConfigFields fields, int vocabularySize, int id) {
        if (id >= vocabularySize) {
            throw fields.bad(
                    VOCABULARY,
                    "token ids below vocab_size " + vocabularySize + " of config.json",
                    "id " + id);
        }
    }

    private static String token(ConfigFields fields, String token) {
        if (token.length() > LONGEST_TOKEN || !ConfigFields.isUnicode(token)) {
            throw fields.bad(
                    VOCABULARY,
                    "tokens of at most " + LONGEST_TOKEN + " characters of Unicode",
                    '"' + ConfigFields.quoted(token) + '"');
        }
        return token;
    }

    private static void unknownToken(
            ConfigFields fields, ObjectNode out, Map<String, Integer> ids) {
        String token = fields.string(UNKNOWN_TOKEN, 0, LONGEST_TOKEN);
        if (!ids.containsKey(token)) {
            throw fields.bad(
                    UNKNOWN_TOKEN, "a token of vocab", '"' + ConfigFields.quoted(token) + '"');
        }
        out.put(UNKNOWN_TOKEN, token);
    }

    private static void merges(ConfigFields fields, ObjectNode out, Map<String, Integer> ids) {
        JsonNode merges = fields.value("merges");
        if (!merges.isArray()) {
            throw fields.bad("merges", "an array", found(merges));
        }
        int prefix = out.path(PREFIX).asText().length();
        ArrayNode pairs = out.putArray("merges");
        for (JsonNode merge : merges) {
            String[] pair =
                    merge.isTextual()
                            ? merge.textValue().split(" ", -1)
                            : merge.valueStream().map(JsonNode::textValue).toArray(String[]::new);
            if (pair.length > 0 && merge.isTextual() && merge.textValue().startsWith("#version")) {
                continue;
            }
            if (pair.length != 2
                    || !ids.containsKey(pair[0])
                    || !ids.containsKey(pair[1])
                    || !pair[1].startsWith(out.path(PREFIX).asText())
                    || !ids.containsKey(pair[0] + pair[1].substring(prefix))) {
                throw fields.bad(
                        "merges",
                        "pairs of tokens of vocab that are together one of it, the second with"
                                + " continuing_subword_prefix",
                        ConfigFields.quoted(merge));
            }
            pairs.addArray().add(pair[0]).add(pair[1]);
        }
    }

    private static String found(JsonNode value) {
        return value.isMissingNode() ? "nothing" : value.isEmpty() ? "none" : "another value";
    }
}
