package org.flinksigmoid.kernels.audio;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import org.flinksigmoid.kernels.checkpoint.BrokenJson;

/**
 * A speech checkpoint's {@code preprocessor_config.json}: everything between samples and encoder.
 *
 * @param paddingSamples digital silence before and after every stream, at the model's rate, so that
 *     its first and last words have edges
 * @param mel samples to log-mel energies
 * @param level log-mel energies to features
 * @param streaming how a stream is cut into windows and joined again
 */
public record PreprocessorConfig(
        int paddingSamples, MelConfig mel, LevelConfig level, StreamingConfig streaming)
        implements Serializable {
    /** The file's name in a checkpoint folder. */
    public static final String FILE_NAME = "preprocessor_config.json";

    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** What the shipped speech models use. */
    public static final PreprocessorConfig DIGITS =
            new PreprocessorConfig(
                    960, MelConfig.DIGITS, LevelConfig.DIGITS, StreamingConfig.DIGITS);

    /** Log-mels that a stream may keep: 64 MB, all of them state. */
    private static final int MOST_KEPT = 1 << 24;

    /** Checks the padding, and what a stream keeps. */
    public PreprocessorConfig {
        MelConfig.require("padding_samples", paddingSamples, 0, 1 << 20);
        int frames = MOST_KEPT / mel.bands();
        MelConfig.require("level.history_frames", level.historyFrames(), 1, frames);
        MelConfig.require("streaming.window_frames", streaming.windowFrames(), 1, frames);
    }

    /**
     * Milliseconds from a stream's first sample to a place given in frames, which count from the
     * padding before it; never negative.
     */
    public long millis(long frames) {
        long samples = Math.max(0, frames * mel.hopLength() - paddingSamples);
        return samples * 1000 / mel.sampleRate();
    }

    /**
     * Reads the file, or the one of that name in a folder.
     *
     * @throws IOException if it cannot be read or is no JSON object
     * @throws IllegalArgumentException naming file, field, expected and found
     */
    public static PreprocessorConfig read(Path fileOrFolder) throws IOException {
        Path file =
                Files.isDirectory(fileOrFolder) ? fileOrFolder.resolve(FILE_NAME) : fileOrFolder;
        return parse(Files.readString(file), file.toString());
    }

    /**
     * Reads JSON text.
     *
     * @param source how errors call it
     */
    public static PreprocessorConfig parse(String json, String source) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException broken) {
            throw new IOException(
                    "%s: expected a JSON object: %s".formatted(source, BrokenJson.describe(broken)),
                    broken);
        }
        if (!root.isObject()) {
            throw new IOException(
                    "%s: expected a JSON object, found %s".formatted(source, root.getNodeType()));
        }
        Fields fields = new Fields(root, source, "");
        try {
            return new PreprocessorConfig(
                    fields.has("padding_samples") ? fields.integer("padding_samples") : 0,
                    mel(fields),
                    level(fields),
                    streaming(fields));
        } catch (IllegalArgumentException wrong) {
            if (wrong.getMessage().startsWith(source)) {
                throw wrong;
            }
            throw new IllegalArgumentException(source + ": " + wrong.getMessage(), wrong);
        }
    }

    private static MelConfig mel(Fields fields) {
        String scale = fields.has("mel_scale") ? fields.node("mel_scale").asText() : "htk";
        if (!scale.equals("htk")) {
            throw fields.wrong("mel_scale", "htk", scale);
        }
        return new MelConfig(
                fields.integer("sampling_rate"),
                fields.integer("frame_length"),
                fields.integer("hop_length"),
                fields.integer("n_fft"),
                fields.integer("feature_size"),
                fields.number("f_min"),
                fields.number("f_max"),
                fields.number("floor"));
    }

    private static LevelConfig level(Fields root) {
        Fields fields = root.object("level");
        double[] tilt = new double[0];
        if (fields.has("mel_tilt")) {
            JsonNode values = fields.node("mel_tilt");
            if (!values.isArray()) {
                throw fields.wrong("mel_tilt", "an array of numbers", values.getNodeType());
            }
            tilt = new double[values.size()];
            for (int i = 0; i < tilt.length; i++) {
                if (!values.get(i).isNumber()) {
                    throw fields.wrong("mel_tilt[" + i + "]", "a number", values.get(i));
                }
                tilt[i] = values.get(i).asDouble();
            }
        }
        return new LevelConfig(
                fields.integer("history_frames"),
                fields.number("active_ratio"),
                fields.number("min_level"),
                fields.number("floor"),
                fields.number("scale"),
                tilt);
    }

    private static StreamingConfig streaming(Fields root) {
        Fields fields = root.object("streaming");
        return new StreamingConfig(
                fields.integer("window_frames"),
                fields.integer("hop_frames"),
                fields.has("frames_per_step")
                        ? fields.integer("frames_per_step")
                        : StreamingConfig.DIGITS.framesPerStep(),
                fields.integer("edge_steps"),
                fields.integer("endpoint_steps"));
    }

    /** A JSON object whose fields are missed by name. */
    private record Fields(JsonNode object, String source, String path) {
        boolean has(String field) {
            return object.hasNonNull(field);
        }

        JsonNode node(String field) {
            if (!has(field)) {
                throw wrong(field, "a value", "nothing");
            }
            return object.get(field);
        }

        Fields object(String field) {
            JsonNode node = node(field);
            if (!node.isObject()) {
                throw wrong(field, "an object", node.getNodeType());
            }
            return new Fields(node, source, path + field + ".");
        }

        int integer(String field) {
            JsonNode node = node(field);
            if (!node.canConvertToInt() || !node.canConvertToExactIntegral()) {
                throw wrong(field, "an integer", node);
            }
            return node.asInt();
        }

        double number(String field) {
            JsonNode node = node(field);
            if (!node.isNumber()) {
                throw wrong(field, "a number", node);
            }
            return node.asDouble();
        }

        IllegalArgumentException wrong(String field, Object expected, Object found) {
            return new IllegalArgumentException(
                    "%s: %s%s: expected %s, found %s"
                            .formatted(source, path, field, expected, found));
        }
    }
}
