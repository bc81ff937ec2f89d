package org.flinksigmoid.kernels.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One JSON object of an untrusted configuration file, read with strict types and limits. A key that
 * is {@code null} counts as absent. Keeps which keys were asked for.
 */
public final class ConfigFields {
    private static final long LARGEST_FILE = 16_000_000;
    private static final ObjectMapper JSON =
            new ObjectMapper(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(32)
                                                    .maxNumberLength(60)
                                                    .maxStringLength(1_000_000)
                                                    .maxTokenCount(4_000_000)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final String file;
    private final String prefix;
    private final ObjectNode node;
    private final Set<String> asked = new HashSet<>();

    private ConfigFields(String file, String prefix, ObjectNode node) {
        this.file = file;
        this.prefix = prefix;
        this.node = node;
    }

    static ConfigFields read(Path path) {
        return read(path, LARGEST_FILE);
    }

    /** Reads a file of a folder, by its name there, which messages have. */
    static ConfigFields read(Path folder, String file) {
        return object(file, parse(file, folder.resolve(file), LARGEST_FILE));
    }

    /** Reads a file of a folder that holds an array of objects. */
    static List<ConfigFields> readObjects(Path folder, String file) {
        JsonNode array = parse(file, folder.resolve(file), LARGEST_FILE);
        if (!array.isArray()) {
            throw new CheckpointException(file, "", "a JSON array", "other JSON");
        }
        List<ConfigFields> objects = new ArrayList<>();
        for (JsonNode value : array) {
            if (!(value instanceof ObjectNode object)) {
                throw new CheckpointException(
                        file, "", "an array of objects", Quoted.of(value.toString()));
            }
            objects.add(new ConfigFields(file, "[" + objects.size() + "].", object));
        }
        return objects;
    }

    /**
     * Reads a file of at most {@code largest} bytes.
     *
     * @throws CheckpointException if it holds anything but one JSON object
     */
    public static ConfigFields read(Path path, long largest) {
        String file = path.getFileName().toString();
        return object(file, parse(file, path, largest));
    }

    private static ConfigFields object(String file, JsonNode json) {
        if (json instanceof ObjectNode object) {
            return new ConfigFields(file, "", object);
        }
        throw new CheckpointException(file, "", "a JSON object", "other JSON");
    }

    private static JsonNode parse(String file, Path path, long largest) {
        try {
            if (!Files.isRegularFile(path)) {
                String found = Files.exists(path) ? "something else" : "no such file";
                throw new CheckpointException(file, "", "a JSON file", found);
            }
            long size = Files.size(path);
            if (size > largest) {
                throw new CheckpointException(
                        file, "", "at most " + largest + " bytes", size + " bytes");
            }
            return JSON.readTree(Files.readAllBytes(path));
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
            throw new CheckpointException(
                    file, "", "well-formed JSON", Quoted.of(BrokenJson.describe(e)) + where, e);
        } catch (IOException e) {
            throw new CheckpointException(
                    file, "", "a readable file", Quoted.of(String.valueOf(e)), e);
        }
    }

    /** What to throw because of what stands under {@code key}. */
    public CheckpointException bad(String key, String expected, String found) {
        return bad(key, expected, found, null);
    }

    /** As above, with the failure that was found. */
    public CheckpointException bad(String key, String expected, String found, Throwable cause) {
        return new CheckpointException(file, prefix + Quoted.of(key), expected, found, cause);
    }

    private JsonNode find(String key) {
        asked.add(key);
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? null : value;
    }

    private JsonNode require(String key, String expected) {
        JsonNode value = find(key);
        if (value == null) {
            throw bad(key, expected, "nothing");
        }
        return value;
    }

    /** Whether anything but {@code null} stands there. */
    public boolean has(String key) {
        return find(key) != null;
    }

    boolean isText(String key) {
        JsonNode value = find(key);
        return value != null && value.isTextual();
    }

    /** An integer that has to be there. */
    public int integer(String key) {
        String expected = "an integer of 32 bits";
        JsonNode value = require(key, expected);
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw bad(key, expected, Quoted.of(value.toString()));
        }
        return value.intValue();
    }

    /** The same within bounds. */
    public int integer(String key, int least, int most) {
        String expected = "an integer from " + least + " to " + most;
        JsonNode value = require(key, expected);
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < least
                || value.intValue() > most) {
            throw bad(key, expected, Quoted.of(value.toString()));
        }
        return value.intValue();
    }

    int integer(String key, int least, int most, int absent) {
        return has(key) ? integer(key, least, most) : absent;
    }

    /** A finite number that has to be there. */
    public double number(String key) {
        return finite(key, require(key, "a number"));
    }

    /** An array of finite numbers; empty where it is absent. */
    public double[] numbers(String key) {
        JsonNode values = value(key);
        if (!values.isMissingNode() && !values.isArray()) {
            throw bad(key, "an array of numbers", Quoted.of(values.toString()));
        }
        double[] numbers = new double[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = finite(key + "[" + i + "]", values.get(i));
        }
        return numbers;
    }

    private double finite(String key, JsonNode value) {
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw bad(key, "a finite number", Quoted.of(value.toString()));
        }
        return value.doubleValue();
    }

    double number(String key, double least, double most) {
        String expected = "a number from " + least + " to " + most;
        JsonNode value = require(key, expected);
        // Written so that NaN, which no comparison holds for, is refused too.
        if (!value.isNumber() || !(value.doubleValue() >= least && value.doubleValue() <= most)) {
            throw bad(key, expected, Quoted.of(value.toString()));
        }
        return value.doubleValue();
    }

    double number(String key, double least, double most, double absent) {
        return has(key) ? number(key, least, most) : absent;
    }

    /** A value that has to be there. */
    public boolean flag(String key) {
        require(key, "true or false");
        return flag(key, false);
    }

    /** A value that may be absent. */
    public boolean flag(String key, boolean absent) {
        JsonNode value = find(key);
        if (value == null) {
            return absent;
        }
        if (!value.isBoolean()) {
            throw bad(key, "true or false", Quoted.of(value.toString()));
        }
        return value.booleanValue();
    }

    /** A string of so many characters, all of them Unicode. */
    public String string(String key, int least, int most) {
        String expected = "a string of %d to %d characters".formatted(least, most);
        String text = require(key, expected).textValue();
        if (text == null || text.length() < least || text.length() > most || !isUnicode(text)) {
            throw bad(key, expected, Quoted.of(value(key).toString()));
        }
        return text;
    }

    /** Whether no half of a surrogate pair stands alone. */
    public static boolean isUnicode(String text) {
        int codePoint;
        for (int i = 0; i < text.length(); i += Character.charCount(codePoint)) {
            codePoint = text.codePointAt(i);
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                return false;
            }
        }
        return true;
    }

    /** What stands there, as it is: maybe nothing. */
    public JsonNode value(String key) {
        JsonNode value = find(key);
        return value == null ? MissingNode.getInstance() : value;
    }

    /** An object as UTF-8. */
    public static byte[] write(ObjectNode object) {
        try {
            return JSON.writeValueAsBytes(object);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("What was read can be written", e);
        }
    }

    /** A value, made fit for a message. */
    public static String quoted(JsonNode value) {
        return value.isMissingNode() ? "nothing" : Quoted.of(value.toString());
    }

    /** Text of any origin, made fit for a message. */
    public static String quoted(String text) {
        return Quoted.of(text);
    }

    /** A string that may be absent. */
    public Optional<String> text(String key) {
        JsonNode value = find(key);
        if (value != null && !value.isTextual()) {
            throw bad(key, "a string", Quoted.of(value.toString()));
        }
        return Optional.ofNullable(value).map(JsonNode::textValue);
    }

    /** The first string of the array {@code key} that ends so; empty where there is none. */
    Optional<String> listed(String key, String ending) {
        JsonNode value = find(key);
        if (value != null && !value.isArray()) {
            throw bad(key, "an array", Quoted.of(value.toString()));
        }
        return Optional.ofNullable(value).stream()
                .flatMap(JsonNode::valueStream)
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .filter(text -> text.endsWith(ending))
                .findFirst();
    }

    /** The one of {@code values} that stands under {@code key}. */
    public String choice(String key, Set<String> values) {
        String allowed =
                values.stream()
                        .sorted()
                        .map(value -> '"' + value + '"')
                        .collect(Collectors.joining(", ", "one of ", ""));
        JsonNode found = require(key, allowed);
        if (!found.isTextual() || !values.contains(found.textValue())) {
            throw bad(key, allowed, Quoted.of(found.toString()));
        }
        return found.textValue();
    }

    /** As above, where it may be absent. */
    public String choice(String key, Set<String> values, String absent) {
        return has(key) ? choice(key, values) : absent;
    }

    /** The value of {@code values} whose key stands under {@code key}. */
    <T extends Keyed> T choice(String key, T[] values) {
        String allowed =
                Arrays.stream(values)
                        .map(value -> '"' + value.key() + '"')
                        .collect(Collectors.joining(", ", "one of ", ""));
        JsonNode found = require(key, allowed);
        for (T value : values) {
            if (found.isTextual() && found.textValue().equals(value.key())) {
                return value;
            }
        }
        throw bad(key, allowed, Quoted.of(found.toString()));
    }

    <T extends Keyed> T choice(String key, T[] values, T absent) {
        return has(key) ? choice(key, values) : absent;
    }

    /** An object that may be absent. */
    public Optional<ConfigFields> object(String key) {
        JsonNode value = find(key);
        return value == null ? Optional.empty() : Optional.of(child(key, value));
    }

    private ConfigFields child(String name, JsonNode value) {
        if (value instanceof ObjectNode object) {
            return new ConfigFields(file, prefix + name + ".", object);
        }
        throw bad(name, "an object", Quoted.of(value.toString()));
    }

    /** An array of objects; where there may be none it may be absent. */
    public List<ConfigFields> objects(String key, int least, int most) {
        if (least == 0 && !has(key)) {
            return List.of();
        }
        String expected = "an array of %d to %d objects".formatted(least, most);
        JsonNode value = require(key, expected);
        if (!value.isArray() || value.size() < least || value.size() > most) {
            String found = value.isArray() ? value.size() + " of them" : "no array";
            throw bad(key, expected, found);
        }
        List<ConfigFields> objects = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            objects.add(child(key + "[" + i + "]", value.get(i)));
        }
        return objects;
    }

    /** Keys of the object. */
    public List<String> keys() {
        return List.copyOf(node.propertyStream().map(java.util.Map.Entry::getKey).toList());
    }

    /** Keys that hold something and that nobody asked for. */
    List<String> unused() {
        return keys().stream()
                .filter(key -> !asked.contains(key) && !node.get(key).isNull())
                .map(key -> prefix + Quoted.of(key))
                .toList();
    }

    /** Refuses keys that nobody asked for: in our own objects they can only be misspelt. */
    public void refuseUnused() {
        List<String> unused = unused();
        if (!unused.isEmpty()) {
            throw new CheckpointException(
                    file,
                    unused.getFirst(),
                    "one of " + asked.stream().sorted().toList(),
                    "a key that means nothing here");
        }
    }
}
