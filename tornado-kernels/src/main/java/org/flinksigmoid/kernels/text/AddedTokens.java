package org.flinksigmoid.kernels.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.flinksigmoid.kernels.checkpoint.ConfigFields;

/**
 * The {@code added_tokens} of a tokenizer.json, written anew: those that are looked for before the
 * model sees a text. Native code gives them ids by itself, whatever the file says.
 *
 * @param json for native code
 * @param normalized texts of those that are looked for in the normalized text
 * @param swallowing texts of those of them that take the spaces beside them
 */
record AddedTokens(JsonNode json, List<String> normalized, List<String> swallowing) {
    private static final String CONTENT = "content";
    private static final String ID = "id";

    /** Native code compares each with all before it. */
    static final int MOST = 10_000;

    private static final int LONGEST = 256;

    /** As native code has it. */
    private static final Pattern SPACES = Pattern.compile("\\p{IsWhite_Space}+");

    AddedTokens {
        normalized = List.copyOf(normalized);
        swallowing = List.copyOf(swallowing);
    }

    /** Reads the part. */
    static AddedTokens read(ConfigFields file, TokenizerModel model, int vocabularySize) {
        ArrayNode out = JsonNodeFactory.instance.arrayNode();
        List<String> normalized = new ArrayList<>();
        List<String> swallowing = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int next = model.json().path("vocab").size();
        int largest = -1;
        for (ConfigFields token : file.objects("added_tokens", 0, MOST)) {
            String content = token.string(CONTENT, 1, LONGEST);
            if (!seen.add(content)) {
                throw token.bad(
                        CONTENT, "each token once", ConfigFields.quoted(token.value(CONTENT)));
            }
            int id = model.ids().getOrDefault(content, Math.max(next, largest + 1));
            largest = Math.max(largest, id);
            requireId(token, id, vocabularySize);
            ObjectNode written = out.addObject().put(ID, id).put(CONTENT, content);
            for (String flag :
                    new String[] {"single_word", "lstrip", "rstrip", "normalized", "special"}) {
                written.put(flag, token.flag(flag));
            }
            boolean swallows = token.flag("lstrip") || token.flag("rstrip");
            if (token.flag("normalized")) {
                normalized.add(content);
                swallowing.addAll(swallows ? List.of(content) : List.of());
            } else if (swallows && SPACES.matcher(content).matches()) {
                throw token.bad(
                        CONTENT,
                        "something but spaces, with lstrip or rstrip",
                        ConfigFields.quoted(token.value(CONTENT)));
            }
        }
        return new AddedTokens(out, normalized, swallowing);
    }

    private static void requireId(ConfigFields token, int id, int vocabularySize) {
        int found = token.integer(ID, 0, Integer.MAX_VALUE);
        if (found >= vocabularySize) {
            throw token.bad(
                    ID,
                    "token ids below vocab_size " + vocabularySize + " of config.json",
                    "id " + found);
        }
        if (found != id) {
            String expected =
                    "%d, the id of %s by model.vocab"
                            .formatted(id, ConfigFields.quoted(token.value(CONTENT)));
            throw token.bad(ID, expected, Integer.toString(found));
        }
    }
}
