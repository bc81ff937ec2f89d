package org.flinksigmoid.kernels.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.flinksigmoid.kernels.checkpoint.ConfigFields;

/**
 * What a tokenizer.json's {@code post_processor} puts around one text: ids of tokens.
 *
 * @param before the text's own tokens
 * @param after the text's own tokens
 */
record SpecialTokens(List<Integer> before, List<Integer> after) {
    private static final Set<String> TYPES =
            Set.of(
                    "BertProcessing",
                    "ByteLevel",
                    "RobertaProcessing",
                    "Sequence",
                    "TemplateProcessing");
    private static final int MOST = 64;
    private static final SpecialTokens NONE = new SpecialTokens(List.of(), List.of());

    SpecialTokens {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    /** Reads the part. */
    static SpecialTokens read(ConfigFields file, int maxTokens, int vocabularySize) {
        SpecialTokens tokens =
                file.object("post_processor").map(part -> read(part, vocabularySize)).orElse(NONE);
        int most = Math.min(MOST, maxTokens - 1);
        if (tokens.count() > most) {
            throw file.bad(
                    "post_processor",
                    "at most %d special tokens around a text of %d".formatted(most, maxTokens),
                    tokens.count() + " of them");
        }
        return tokens;
    }

    /** How many they are. */
    int count() {
        return before.size() + after.size();
    }

    private static SpecialTokens read(ConfigFields part, int vocabularySize) {
        return switch (part.choice("type", TYPES)) {
            case "Sequence" -> {
                SpecialTokens all = NONE;
                for (ConfigFields each : part.objects("processors", 0, MOST)) {
                    SpecialTokens more = read(each, vocabularySize);
                    if (all.count() > 0 && more.count() > 0) {
                        throw part.bad("processors", "one that adds tokens", "two");
                    }
                    all = more.count() > 0 ? more : all;
                }
                yield all;
            }
            case "TemplateProcessing" -> template(part, vocabularySize);
            case "ByteLevel" -> NONE; // says where a token begins, not which one it is
            default ->
                    new SpecialTokens(
                            List.of(pair(part, "cls", vocabularySize)),
                            List.of(pair(part, "sep", vocabularySize)));
        };
    }

    private static int pair(ConfigFields part, String key, int vocabularySize) {
        JsonNode pair = part.value(key);
        if (!pair.isArray() || pair.size() != 2) {
            throw part.bad(key, "a token and its id", ConfigFields.quoted(pair));
        }
        return id(part, key, pair.get(1), vocabularySize);
    }

    private static int id(ConfigFields part, String key, JsonNode id, int vocabularySize) {
        if (!id.isIntegralNumber()
                || !id.canConvertToInt()
                || id.intValue() < 0
                || id.intValue() >= vocabularySize) {
            throw part.bad(
                    key,
                    "token ids below vocab_size " + vocabularySize + " of config.json",
                    ConfigFields.quoted(id));
        }
        return id.intValue();
    }

    private static SpecialTokens template(ConfigFields part, int vocabularySize) {
        List<Integer> before = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        int texts = 0;
        for (ConfigFields piece : part.objects("single", 1, MOST + 1)) {
            if (piece.has("SpecialToken")) {
                String name = name(piece, "SpecialToken");
                List<Integer> side = texts == 0 ? before : after;
                side.addAll(ids(part, name, vocabularySize));
            } else if (piece.has("Sequence") && name(piece, "Sequence").equals("A")) {
                texts++;
            } else {
                throw piece.bad("", "a SpecialToken or the Sequence A", "another piece");
            }
            requireTypeZero(piece);
            if (before.size() + after.size() > MOST) {
                throw part.bad("single", "at most " + MOST + " special tokens", "more");
            }
        }
        if (texts != 1) {
            throw part.bad("single", "the Sequence A once", texts + " of it");
        }
        return new SpecialTokens(before, after);
    }

    /** Other types have rows of their own in a BERT's table. */
    private static void requireTypeZero(ConfigFields piece) {
        for (String key : piece.keys()) {
            piece.object(key)
                    .filter(part -> part.has("type_id"))
                    .ifPresent(part -> part.integer("type_id", 0, 0));
        }
    }

    private static String name(ConfigFields piece, String key) {
        return piece.object(key).flatMap(inner -> inner.text("id")).orElse("");
    }

    private static List<Integer> ids(ConfigFields part, String name, int vocabularySize) {
        JsonNode ids = part.value("special_tokens").path(name).path("ids");
        if (!ids.isArray()) {
            throw part.bad(
                    "special_tokens",
                    "ids of each SpecialToken of single",
                    "none of " + ConfigFields.quoted(name));
        }
        return ids.valueStream()
                .limit(MOST + 1L)
                .map(id -> id(part, "special_tokens", id, vocabularySize))
                .toList();
    }
}
