package org.flinksigmoid.kernels.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.flinksigmoid.kernels.checkpoint.BrokenJson;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;

/**
 * What has to hold for a tokenizer.json before native code reads it: well-formed JSON of a bounded
 * size, a model that is supported, parts that are harmless, and no token id that the encoder's
 * embedding table lacks.
 */
final class TokenizerFile {
    private static final long LARGEST_FILE = 256_000_000;
    private static final Set<String> MODELS = Set.of("WordPiece", "BPE", "Unigram");
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private final String file;
    private final TokenizerParts parts;
    private final Set<String> normalized = new LinkedHashSet<>();
    private String model = "";
    private String subwordPrefix = "";
    private boolean mergesRead;
    private JsonNode normalizer = NullNode.getInstance();
    private long largestId = -1;

    private TokenizerFile(String file, int vocabularySize) {
        this.file = file;
        this.parts = new TokenizerParts(file, vocabularySize);
    }

    static TokenizerFile check(Path path, int vocabularySize) {
        String file = path.getFileName().toString();
        TokenizerFile found = new TokenizerFile(file, vocabularySize);
        try {
            if (!Files.isRegularFile(path)) { // a pipe would never open
                throw new CheckpointException(file, "", "a JSON file", "what is no file");
            }
            long size = Files.size(path);
            if (size > LARGEST_FILE) {
                throw new CheckpointException(
                        file, "", "at most " + LARGEST_FILE + " bytes", size + " bytes");
            }
            try (JsonParser json = JSON.createParser(path.toFile())) {
                found.readTop(json);
            }
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file, "", "well-formed JSON", BrokenJson.describe(e), e);
        } catch (IOException e) {
            throw new CheckpointException(file, "", "a readable file", e.toString(), e);
        }
        if (found.model.isEmpty()) {
            throw new CheckpointException(
                    file, "model.type", "one of " + MODELS.stream().sorted().toList(), "nothing");
        }
        if (found.largestId >= vocabularySize) {
            throw new CheckpointException(
                    file,
                    "model.vocab",
                    "token ids below vocab_size " + vocabularySize + " of config.json",
                    "id " + found.largestId);
        }
        return found;
    }

    /** Added tokens that are looked for in normalized text, so they are normalized, too. */
    Set<String> normalizedTokens() {
        return Collections.unmodifiableSet(normalized);
    }

    /**
     * A tokenizer.json that does no more than normalize: one token for any text but an empty one.
     */
    String normalizerAlone() {
        return """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": %s, "pre_tokenizer": null, "post_processor": null, "decoder": null,
         "model": {"type": "WordLevel", "vocab": {"?": 0}, "unk_token": "?"}}
        """
                .formatted(normalizer);
    }

    private void readTop(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new CheckpointException(file, "", "a JSON object", "other JSON");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            JsonToken value = json.nextToken();
            if (key.equals("model") && value == JsonToken.START_OBJECT) {
                readModel(json);
            } else if (key.equals("added_tokens") && value == JsonToken.START_ARRAY) {
                readAddedTokens(json);
            } else {
                switch (key) {
                    case "normalizer" -> {
                        normalizer = tree(json);
                        parts.checkNormalizer(normalizer);
                    }
                    case "pre_tokenizer" -> parts.checkPreTokenizer(tree(json));
                    case "post_processor" -> parts.checkPostProcessor(tree(json));
                    default -> json.skipChildren();
                }
            }
        }
    }

    private static JsonNode tree(JsonParser json) throws IOException {
        JsonNode tree = JSON.readTree(json);
        return tree == null ? NullNode.getInstance() : tree;
    }

    private void readModel(JsonParser json) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            JsonToken value = json.nextToken();
            if (key.equals("type")) {
                model = value == JsonToken.VALUE_STRING ? json.getText() : value.toString();
                if (!MODELS.contains(model)) {
                    throw new CheckpointException(
                            file,
                            "model.type",
                            "one of " + MODELS.stream().sorted().toList(),
                            model.length() > 40 ? "another" : model);
                }
            } else if (key.equals("continuing_subword_prefix")) {
                readSubwordPrefix(json);
            } else if (key.equals("merges") && value == JsonToken.START_ARRAY) {
                readMerges(json);
            } else if (key.equals("vocab") && value == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    json.nextToken();
                    readId(json, "model.vocab");
                }
            } else if (key.equals("vocab") && value == JsonToken.START_ARRAY) {
                long entries = 0;
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    json.skipChildren();
                    entries++;
                }
                largestId = Math.max(largestId, entries - 1);
            } else {
                json.skipChildren();
            }
        }
    }

    private void readSubwordPrefix(JsonParser json) throws IOException {
        String prefix = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : "";
        if (!subwordPrefix.isEmpty() || !prefix.isEmpty() && mergesRead) {
            throw new CheckpointException(
                    file, "model.continuing_subword_prefix", "it once, before merges", "another");
        }
        subwordPrefix = prefix;
    }

    /** Native code cuts the prefix off the second token of each without a look at it. */
    private void readMerges(JsonParser json) throws IOException {
        mergesRead = true;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            String second = "";
            if (json.currentToken() == JsonToken.VALUE_STRING) {
                second = json.getText().substring(json.getText().indexOf(' ') + 1);
            } else if (json.currentToken() == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    json.skipChildren();
                    second = json.getText();
                }
            }
            if (!second.startsWith(subwordPrefix)) {
                throw new CheckpointException(
                        file,
                        "model.merges",
                        "second tokens that begin with continuing_subword_prefix",
                        "another");
            }
        }
    }

    private void readAddedTokens(JsonParser json) throws IOException {
        while (json.nextToken() == JsonToken.START_OBJECT) {
            boolean isNormalized = false;
            String content = "";
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                JsonToken value = json.nextToken();
                switch (key) {
                    case "id" -> readId(json, "added_tokens.id");
                    case "content" -> {
                        content = json.getText();
                        json.skipChildren();
                    }
                    case "normalized" -> isNormalized |= value == JsonToken.VALUE_TRUE;
                    default -> json.skipChildren();
                }
            }
            if (isNormalized && !content.isEmpty()) {
                normalized.add(content);
            }
        }
    }

    private void readId(JsonParser json, String field) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                || json.getNumberType() != JsonParser.NumberType.INT
                || json.getIntValue() < 0) {
            throw new CheckpointException(
                    file,
                    field,
                    "token ids from 0 to 2^31-1",
                    json.currentToken().isNumeric() && json.getTextLength() < 20
                            ? json.getText()
                            : "another value");
        }
        largestId = Math.max(largestId, json.getIntValue());
    }
}
