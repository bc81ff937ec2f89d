package org.flinksigmoid.kernels.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.flinksigmoid.kernels.checkpoint.BrokenJson;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;

/**
 * What has to hold for a tokenizer.json before native code reads it: well-formed JSON of a bounded
 * size, a model that is supported, and no token id that the encoder's embedding table lacks.
 */
final class TokenizerFile {
    private static final long LARGEST_FILE = 256_000_000;
    private static final Set<String> MODELS = Set.of("WordPiece", "BPE", "Unigram");
    private static final JsonFactory JSON = new JsonFactory();

    private final String file;
    private String model = "";
    private long largestId = -1;

    private TokenizerFile(String file) {
        this.file = file;
    }

    static void check(Path path, int vocabularySize) {
        String file = path.getFileName().toString();
        TokenizerFile found = new TokenizerFile(file);
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
                json.skipChildren();
            }
        }
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

    private void readAddedTokens(JsonParser json) throws IOException {
        while (json.nextToken() == JsonToken.START_OBJECT) {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean id = json.currentName().equals("id");
                json.nextToken();
                if (id) {
                    readId(json, "added_tokens.id");
                } else {
                    json.skipChildren();
                }
            }
        }
    }

    private void readId(JsonParser json, String field) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                || json.getNumberType() != JsonParser.NumberType.INT
                || json.getIntValue() < 0) {
            throw new CheckpointException(
                    file, field, "token ids from 0 to 2^31-1", json.currentToken().toString());
        }
        largestId = Math.max(largestId, json.getIntValue());
    }
}
