package org.flinksigmoid.kernels.audio;

import static org.flinksigmoid.kernels.audio.MelConfig.require;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ConfigFields;

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

    private static final long LARGEST_FILE = 1_000_000;

    /** Keys that other tools write and that mean nothing for windows without padding. */
    private static final Set<String> KNOWN_ELSEWHERE =
            Set.of(
                    "feature_extractor_type",
                    "padding_side",
                    "padding_value",
                    "processor_class",
                    "return_attention_mask",
                    "transformers_version");

    /** What the shipped speech models use. */
    public static final PreprocessorConfig DIGITS =
            new PreprocessorConfig(
                    960, MelConfig.DIGITS, LevelConfig.DIGITS, StreamingConfig.DIGITS);

    /** Log-mels that a stream may keep, or a window have: 16 MB. */
    private static final int MOST_KEPT = 1 << 22;

    private static final int MOST_PADDING_SECONDS = 2;

    /** Checks the parts against each other. */
    public PreprocessorConfig {
        int most = MOST_PADDING_SECONDS * mel.sampleRate();
        require("padding_samples", paddingSamples, 0, most);
        int frames = MOST_KEPT / mel.bands();
        require("level.history_frames", level.historyFrames(), 1, frames);
        require("streaming.window_frames", streaming.windowFrames(), 1, frames);
        int tilted = level.melTilt().length;
        require(
                tilted == 0 || tilted == mel.bands(),
                "level.mel_tilt",
                mel.bands() + " numbers, as feature_size says",
                tilted);
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
     * @throws CheckpointException if it can't be used
     */
    public static PreprocessorConfig read(Path fileOrFolder) {
        ConfigFields fields =
                ConfigFields.read(
                        Files.isDirectory(fileOrFolder)
                                ? fileOrFolder.resolve(FILE_NAME)
                                : fileOrFolder,
                        LARGEST_FILE);
        PreprocessorConfig config = read(fields);
        if (fields.flag("do_normalize", false)) {
            throw fields.bad(
                    "do_normalize", "false, as level is what features are taken from", "true");
        }
        KNOWN_ELSEWHERE.forEach(fields::has);
        fields.refuseUnused();
        return config;
    }

    private static PreprocessorConfig read(ConfigFields fields) {
        return new PreprocessorConfig(
                fields.has("padding_samples") ? fields.integer("padding_samples") : 0,
                mel(fields),
                level(part(fields, "level")),
                streaming(part(fields, "streaming")));
    }

    private static ConfigFields part(ConfigFields fields, String key) {
        return fields.object(key).orElseThrow(() -> fields.bad(key, "an object", "nothing"));
    }

    private static MelConfig mel(ConfigFields fields) {
        fields.choice("mel_scale", Set.of("htk"), "htk");
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

    private static LevelConfig level(ConfigFields fields) {
        LevelConfig config =
                new LevelConfig(
                        fields.integer("history_frames"),
                        fields.number("active_ratio"),
                        fields.number("min_level"),
                        fields.number("floor"),
                        fields.number("scale"),
                        fields.numbers("mel_tilt"));
        fields.refuseUnused();
        return config;
    }

    private static StreamingConfig streaming(ConfigFields fields) {
        StreamingConfig config =
                new StreamingConfig(
                        fields.integer("window_frames"),
                        fields.integer("hop_frames"),
                        fields.has("frames_per_step")
                                ? fields.integer("frames_per_step")
                                : StreamingConfig.DIGITS.framesPerStep(),
                        fields.integer("edge_steps"),
                        fields.integer("endpoint_steps"));
        fields.refuseUnused();
        return config;
    }
}
