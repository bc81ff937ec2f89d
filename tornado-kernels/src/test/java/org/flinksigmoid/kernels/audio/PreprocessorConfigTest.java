package org.flinksigmoid.kernels.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.golden.GoldenTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreprocessorConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String GOOD = GoldenTensors.text("audio/preprocessor_config.json");

    @TempDir Path folder;

    private PreprocessorConfig read(String json) throws IOException {
        Files.writeString(folder.resolve(PreprocessorConfig.FILE_NAME), json);
        return PreprocessorConfig.read(folder);
    }

    /** A good file with a value in place of another one, or of none. */
    private static String with(String key, String value) throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(GOOD);
        int dot = key.indexOf('.');
        ObjectNode node = dot < 0 ? root : (ObjectNode) root.get(key.substring(0, dot));
        node.put(key.substring(dot + 1), "@");
        return JSON.writeValueAsString(root).replace("\"@\"", value);
    }

    @Test
    void whatIsLeftOutHasItsDefault() throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(GOOD);
        root.remove("padding_samples");
        root.remove("mel_scale");
        ((ObjectNode) root.get("level")).putNull("mel_tilt");
        ((ObjectNode) root.get("streaming")).remove("frames_per_step");
        PreprocessorConfig config = read(root.toString());
        assertThat(config.paddingSamples()).isZero();
        assertThat(config.level().melTilt()).isEmpty();
        assertThat(config.streaming().framesPerStep()).isEqualTo(4);
    }

    @Test
    void whatOtherToolsSayOfPaddingMeansNothing() throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(GOOD);
        root.put("feature_extractor_type", "SequenceFeatureExtractor").put("padding_value", 0.0);
        root.put("return_attention_mask", true).put("do_normalize", false);
        assertThat(read(root.toString())).isEqualTo(read(GOOD));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "n_fft|null|expected an integer of 32 bits, found nothing",
                "n_fft|'256'|expected an integer of 32 bits, found '256'",
                "n_fft|1e400|expected an integer of 32 bits, found",
                "n_fft|4294967552|expected an integer of 32 bits, found 4294967552",
                "n_fft|300|expected a power of two, found 300",
                "n_fft|131072|expected 4 to 65536, found 131072",
                "mel_scale|'slaney'|expected one of 'htk', found 'slaney'",
                "mel_scale|'\\n\\u001B[2J'|expected one of 'htk', found '\\n\\u001B[2J'",
                "sampling_rate|999|expected 1000 to 384000, found 999",
                "frame_length|0|expected 1 to 256, found 0",
                "hop_length|7|expected 8 to 200, found 7",
                "feature_size|-40|expected 1 to 128, found -40",
                "f_min|-1|expected 0 up to, but not, f_max 3800.0, found -1.0",
                "f_max|4001|expected at most 4000.0, half of sampling_rate, found 4001",
                "f_max|1e999|expected a finite number, found",
                "floor|0|expected more than 0, at most 1, found 0.0",
                "floor|1e300|expected more than 0, at most 1, found 1.0E300",
                "floor|{}|expected a finite number, found {}",
                "padding_samples|16001|expected 0 to 16000, found 16001",
                "padding_samples|-1|expected 0 to 16000, found -1",
                "level|[]|expected an object, found []",
                "level|null|expected an object, found nothing",
                "level.history_frames|104858|expected 1 to 104857, found 104858",
                "level.active_ratio|1|expected 0.0 to 0.99, found 1.0",
                "level.min_level|-1e308|expected -1000000.0 to 1000000.0, found -1.0E308",
                "level.floor|1e39|expected -1000000.0 to 1000000.0, found 1.0E39",
                "level.scale|1e39|expected -1000000.0 to 1000000.0, found 1.0E39",
                "level.mel_tilt|7|expected an array of numbers, found 7",
                "level.mel_tilt|[0]|expected 40 numbers, as feature_size says, found 1",
                "level.mel_tilt[1]|[0,1e999]|expected a finite number, found",
                "level.mel_tilt[1]|[0,-1e7]|expected -1000000.0 to 1000000.0, found -1.0E7",
                "streaming.window_frames|4160|expected 64 to 4096, found 4160",
                "streaming.window_frames|258|expected a multiple of frames_per_step 4, found 258",
                "streaming.hop_frames|63|expected a multiple of frames_per_step 4, found 63",
                "streaming.edge_steps|2147483648|expected an integer of 32 bits, found 2147483648",
                "streaming.endpoint_steps|0.5|expected an integer of 32 bits, found 0.5",
                "mel_floor|1e-10|expected one of [do_normalize, f_max, f_min,",
                "padding_sample|960|expected one of [do_normalize, f_max, f_min,",
                "level.tilt|[]|expected one of [active_ratio, floor, history_frames, mel_tilt,",
                "streaming.hop|64|expected one of [edge_steps, endpoint_steps, frames_per_step,",
                "do_normalize|true|expected false, as level is what features are taken from",
            })
    void aWrongValueIsRefusedByItsKey(String key, String value, String message) throws IOException {
        String json = with(key.replace("[1]", ""), value.replace('\'', '"'));
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(key + ": " + message.replace('\'', '"'))
                .hasMessageEndingWith(" in preprocessor_config.json");
    }

    @Test
    void aLongValueIsCutInTheMessage() throws IOException {
        String json = with("n_fft", '"' + "x".repeat(500_000) + '"');
        assertThatThrownBy(() -> read(json))
                .hasMessageStartingWith("n_fft: expected")
                .message()
                .hasSizeLessThan(300);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{} {}", "{\"n_fft\":1,\"n_fft\":2}", "{\"a\":NaN}"})
    void whatIsNoJsonObjectIsRefused(String json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("preprocessor_config.json: expected ")
                .hasMessageNotContainingAny("REDACTED", "enable");
    }

    @Test
    void whatIsNoUtf8IsRefused() throws IOException {
        Path file = folder.resolve("preprocessor_config.json");
        Files.write(file, "{\"mel_scale\": \"ü\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> PreprocessorConfig.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("expected well-formed JSON, found Invalid UTF-8");
    }
}
