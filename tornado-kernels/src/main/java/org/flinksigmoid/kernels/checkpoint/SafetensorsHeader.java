package org.flinksigmoid.kernels.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.tensor.Shape;

/**
 * Reads a safetensors header token by token, so that memory is bounded by the number of tensors,
 * which is limited. Everything is checked here: types, shapes, byte counts, and that the tensors
 * cover the data exactly once.
 */
final class SafetensorsHeader {
    private static final int MAX_TENSORS = 100_000;
    private static final int MAX_RANK = 8;

    /** Names of an object are kept until its end, those of metadata, too. */
    private static final long MAX_TOKENS = 4_000_000;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(16)
                                    .maxNameLength(1_000)
                                    .maxNumberLength(30)
                                    .maxTokenCount(MAX_TOKENS)
                                    .build())
                    .build();

    private final String file;
    private final long dataBytes;

    SafetensorsHeader(String file, long dataBytes) {
        this.file = file;
        this.dataBytes = dataBytes;
    }

    Map<String, StoredTensor> read(MemorySegment header) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        try (JsonParser json =
                JSON.createParser(new ByteBufferBackedInputStream(header.asByteBuffer()))) {
            expect(json, json.nextToken(), JsonToken.START_OBJECT, "header", "a JSON object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                if (name.equals("__metadata__")) {
                    expect(json, json.currentToken(), JsonToken.START_OBJECT, name, "an object");
                    json.skipChildren();
                } else if (tensors.size() == MAX_TENSORS) {
                    throw bad("header", "at most " + MAX_TENSORS + " tensors", "more");
                } else {
                    tensors.put(name, entry(json, name));
                }
            }
            if (json.nextToken() != null) {
                throw bad("header", "nothing after the JSON object", "more JSON");
            }
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    file,
                    "header",
                    "one well-formed JSON object",
                    Quoted.of(BrokenJson.describe(e)),
                    e);
        } catch (IOException e) {
            throw new CheckpointException(
                    file, "header", "readable JSON", Quoted.of(String.valueOf(e)), e);
        }
        requireExactCover(new ArrayList<>(tensors.values()));
        return tensors;
    }

    private StoredTensor entry(JsonParser json, String name) throws IOException {
        String field = Quoted.of(name);
        expect(json, json.currentToken(), JsonToken.START_OBJECT, field, "an object");
        String type = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            JsonToken value = json.nextToken();
            switch (key) {
                case "dtype" -> {
                    expect(json, value, JsonToken.VALUE_STRING, field + ".dtype", "a string");
                    type = json.getText();
                }
                case "shape" -> shape = integers(json, field + ".shape", MAX_RANK);
                case "data_offsets" -> offsets = integers(json, field + ".data_offsets", 2);
                default -> json.skipChildren();
            }
        }
        if (type == null || shape == null || offsets == null || offsets.size() != 2) {
            throw bad(field, "dtype, shape and two data_offsets", "an entry without all of them");
        }
        return checked(name, field, type, shape, offsets);
    }

    private StoredTensor checked(
            String name, String field, String type, List<Long> dimensions, List<Long> offsets) {
        Integer bytes = StoredTensor.TYPES.get(type);
        if (bytes == null) {
            throw bad(
                    field + ".dtype",
                    "one of " + StoredTensor.TYPES.keySet().stream().sorted().toList(),
                    Quoted.of(type));
        }
        Shape shape;
        long needed;
        try {
            shape = Shape.of(dimensions.stream().mapToLong(Long::longValue).toArray());
            needed = Math.multiplyExact(shape.elements(), (long) bytes);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new CheckpointException(
                    file, field + ".shape", "fewer than 2^63 bytes", dimensions.toString(), e);
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        if (begin > end || end > dataBytes) {
            throw bad(
                    field + ".data_offsets",
                    "begin <= end <= " + dataBytes + " (the file's data)",
                    offsets.toString());
        }
        if (end - begin != needed) {
            throw bad(
                    field + ".data_offsets",
                    needed + " bytes for " + type + " " + shape,
                    (end - begin) + " bytes");
        }
        return new StoredTensor(name, type, shape, begin, end);
    }

    private List<Long> integers(JsonParser json, String field, int most) throws IOException {
        expect(json, json.currentToken(), JsonToken.START_ARRAY, field, "an array of integers");
        List<Long> values = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT, field, "integers");
            if (values.size() == most) {
                throw bad(field, "at most " + most + " integers", "more");
            }
            if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    || json.getLongValue() < 0) {
                throw bad(field, "integers from 0 to 2^63-1", json.getText());
            }
            values.add(json.getLongValue());
        }
        return values;
    }

    private void requireExactCover(List<StoredTensor> tensors) {
        tensors.sort(
                Comparator.comparingLong(StoredTensor::begin)
                        .thenComparingLong(StoredTensor::end)
                        .thenComparing(StoredTensor::name));
        long covered = 0;
        String before = "the header";
        for (StoredTensor tensor : tensors) {
            if (tensor.begin() != covered) {
                throw bad(
                        Quoted.of(tensor.name()) + ".data_offsets",
                        "begin " + covered + ", where " + before + " ends",
                        tensor.begin() + (tensor.begin() < covered ? " (overlap)" : " (gap)"));
            }
            covered = tensor.end();
            before = Quoted.of(tensor.name());
        }
        if (covered != dataBytes) {
            throw bad(
                    "data",
                    covered + " bytes, as the header describes",
                    dataBytes + " bytes (are there bytes that no tensor owns?)");
        }
    }

    private void expect(
            JsonParser json, JsonToken token, JsonToken wanted, String field, String expected)
            throws IOException {
        if (token != wanted) {
            throw bad(
                    field,
                    expected,
                    token == null ? "the end of the header" : Quoted.of(json.getText()));
        }
    }

    private CheckpointException bad(String field, String expected, String found) {
        return new CheckpointException(file, field, expected, found);
    }
}
