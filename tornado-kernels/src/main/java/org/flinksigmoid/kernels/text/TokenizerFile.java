package org.flinksigmoid.kernels.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ConfigFields;

/**
 * A tokenizer.json that native code may read: what is known of the file's parts to be harmless,
 * written anew. Native code reads JSON less strictly, and ends the process over what it didn't
 * expect. Truncation, padding, special tokens around a text and decoding are none of its business
 * here.
 *
 * @param normalizer maybe null
 * @param preTokenizer maybe null
 * @param model its vocabulary and kind
 * @param addedTokens that are looked for before
 * @param specialTokens that stand around a text
 * @param longestText characters of a text that it takes
 * @param patterns regular expressions of the normalizer and the pre-tokenizer
 */
record TokenizerFile(
        JsonNode normalizer,
        JsonNode preTokenizer,
        TokenizerModel model,
        AddedTokens addedTokens,
        SpecialTokens specialTokens,
        int longestText,
        List<Pattern> patterns) {
    private static final long LARGEST_FILE = 64_000_000;

    static TokenizerFile read(Path path, int maxTokens, int vocabularySize) {
        ConfigFields file = ConfigFields.read(path, LARGEST_FILE);
        TokenizerConfig.requireAgreement(path.resolveSibling(""), file);
        TextCost cost = new TextCost();
        List<Pattern> patterns = new ArrayList<>();
        JsonNode normalizer = TokenizerParts.normalizer(file, cost, patterns);
        JsonNode preTokenizer = TokenizerParts.preTokenizer(file, cost, patterns);
        TokenizerModel model = TokenizerModel.read(file, vocabularySize, cost);
        AddedTokens addedTokens = AddedTokens.read(file, model, vocabularySize);
        SpecialTokens specialTokens = SpecialTokens.read(file, maxTokens, vocabularySize);
        if (cost.longest() < TextCost.LEAST) {
            throw file.bad("model", TextCost.EXPECTED, "more");
        }
        return new TokenizerFile(
                normalizer,
                preTokenizer,
                model,
                addedTokens,
                specialTokens,
                cost.longest(),
                patterns);
    }

    /**
     * A regular expression.
     *
     * @param place of its key {@code Regex} in the file
     */
    record Pattern(String regex, ConfigFields place) {
        /** A tokenizer that splits by it, and does nothing else. */
        byte[] alone() {
            ObjectNode split = JsonNodeFactory.instance.objectNode().put("type", "Split");
            split.putObject("pattern").put("Regex", regex);
            split.put("behavior", "Isolated").put("invert", false);
            return TokenizerFile.json(
                    NullNode.getInstance(),
                    split,
                    JsonNodeFactory.instance.arrayNode(),
                    oneToken());
        }

        CheckpointException refusal(String found, Exception cause) {
            return place.bad("Regex", "what the tokenizers library takes", found, cause);
        }
    }

    /** Whether texts have that token that don't spell it. */
    boolean usesUnspelt(int id) {
        JsonNode known = model.json();
        int unknown =
                known.has("unk_id")
                        ? known.get("unk_id").intValue()
                        : model.ids().getOrDefault(known.path("unk_token").asText(), -1);
        boolean added =
                addedTokens
                        .json()
                        .valueStream()
                        .anyMatch(token -> token.get("id").intValue() == id);
        return id == unknown
                || specialTokens.before().contains(id)
                || specialTokens.after().contains(id)
                || !added && model.ids().containsValue(id);
    }

    /** For the tokenizers library. */
    byte[] json() {
        return json(normalizer, preTokenizer, addedTokens.json(), model.json());
    }

    /**
     * One that does no more than normalize: a token for each word of a text, or for any text but an
     * empty one.
     */
    byte[] normalizerAlone(boolean words) {
        JsonNodeFactory factory = JsonNodeFactory.instance;
        JsonNode split =
                words ? factory.objectNode().put("type", "WhitespaceSplit") : factory.nullNode();
        return json(normalizer, split, factory.arrayNode(), oneToken());
    }

    private static JsonNode oneToken() {
        ObjectNode model = JsonNodeFactory.instance.objectNode();
        model.put("type", "WordLevel").put("unk_token", "?").putObject("vocab").put("?", 0);
        return model;
    }

    private static byte[] json(
            JsonNode normalizer, JsonNode split, JsonNode added, JsonNode vocabulary) {
        ObjectNode file = JsonNodeFactory.instance.objectNode().put("version", "1.0");
        file.putNull("truncation").putNull("padding");
        file.set("added_tokens", added);
        file.set("normalizer", normalizer);
        file.set("pre_tokenizer", split);
        file.putNull("post_processor").putNull("decoder");
        file.set("model", vocabulary);
        return ConfigFields.write(file);
    }
}
