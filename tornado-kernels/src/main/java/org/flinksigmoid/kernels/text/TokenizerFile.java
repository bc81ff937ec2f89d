package org.flinksigmoid.kernels.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
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
 */
record TokenizerFile(
        JsonNode normalizer,
        JsonNode preTokenizer,
        JsonNode model,
        AddedTokens addedTokens,
        SpecialTokens specialTokens,
        int longestText) {
    private static final long LARGEST_FILE = 64_000_000;

    static TokenizerFile read(Path path, int maxTokens, int vocabularySize) {
        ConfigFields file = ConfigFields.read(path, LARGEST_FILE);
        TextCost cost = new TextCost();
        JsonNode normalizer = TokenizerParts.normalizer(file, cost);
        JsonNode preTokenizer = TokenizerParts.preTokenizer(file, cost);
        TokenizerModel model = TokenizerModel.read(file, vocabularySize, cost);
        AddedTokens addedTokens = AddedTokens.read(file, model, vocabularySize);
        SpecialTokens specialTokens = SpecialTokens.read(file, maxTokens, vocabularySize);
        if (cost.longest() < TextCost.LEAST) {
            throw file.bad("model", TextCost.EXPECTED, "more");
        }
        return new TokenizerFile(
                normalizer, preTokenizer, model.json(), addedTokens, specialTokens, cost.longest());
    }

    /** For the tokenizers library. */
    byte[] json() {
        return json(preTokenizer, addedTokens.json(), model);
    }

    /**
     * One that does no more than normalize: a token for each word of a text, or for any text but an
     * empty one.
     */
    byte[] normalizerAlone(boolean words) {
        JsonNodeFactory factory = JsonNodeFactory.instance;
        ObjectNode unknown = factory.objectNode().put("type", "WordLevel").put("unk_token", "?");
        unknown.putObject("vocab").put("?", 0);
        JsonNode split =
                words ? factory.objectNode().put("type", "WhitespaceSplit") : factory.nullNode();
        return json(split, factory.arrayNode(), unknown);
    }

    private byte[] json(JsonNode split, JsonNode added, JsonNode vocabulary) {
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
