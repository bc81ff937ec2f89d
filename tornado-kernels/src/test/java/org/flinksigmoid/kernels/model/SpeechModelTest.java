package org.flinksigmoid.kernels.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpeechModelTest {
    private static final ModelOptions SCALAR =
            ModelOptions.defaults().withBackend("scalar").withThreads(1);

    @TempDir Path folder;

    private static float[] features(int frames, long seed) {
        Random random = new Random(seed);
        float[] features = new float[frames * 40];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        return features;
    }

    @Test
    void everyStepIsADistributionOverTheLabels() {
        try (SpeechModel model = SpeechModel.load(TinyCheckpoint.speech().write(folder), SCALAR)) {
            assertThat(model.labels()).hasSize(11).startsWith("<blank>", "0");
            assertThat(model.outputRows(256)).isEqualTo(64);
            assertThat(model.maxRows()).isEqualTo(2048);
            float[] logProbs = model.infer(List.of(features(101, 1))).getFirst();
            assertThat(logProbs).hasSize(26 * 11);
            for (int step = 0; step < 26; step++) {
                double sum = 0;
                for (int label = 0; label < 11; label++) {
                    sum += Math.exp(logProbs[step * 11 + label]);
                }
                assertThat(sum).isEqualTo(1, within(1e-5));
            }
        }
    }

    @Test
    void aWindowComesOutTheSameInAnyCompany() {
        try (SpeechModel model = SpeechModel.load(TinyCheckpoint.speech().write(folder), SCALAR)) {
            List<float[]> windows = new ArrayList<>();
            for (int frames : new int[] {1, 59, 0, 97, 111, 4}) {
                windows.add(features(frames, frames));
            }
            List<float[]> together = model.infer(windows);
            List<float[]> reversed = model.infer(windows.reversed());
            for (int i = 0; i < windows.size(); i++) {
                float[] alone = model.infer(List.of(windows.get(i))).getFirst();
                assertThat(together.get(i)).containsExactly(alone, within(1e-5f));
                assertThat(reversed.get(windows.size() - 1 - i))
                        .containsExactly(alone, within(1e-5f));
            }
            assertThat(together.get(2)).isEmpty();
            assertThat(model.infer(List.of())).isEmpty();
        }
    }

    @Test
    void aBadWindowIsRefusedByItsPlaceInTheBatch() {
        try (SpeechModel model = SpeechModel.load(TinyCheckpoint.speech().write(folder), SCALAR)) {
            float[] poisoned = features(20, 3);
            poisoned[123] = Float.NaN;
            assertThatThrownBy(() -> model.infer(List.of(features(4, 1), poisoned)))
                    .isInstanceOfSatisfying(
                            InvalidInputException.class, e -> assertThat(e.index()).isEqualTo(1))
                    .hasMessage(
                            "sequence 1 of the batch: expected finite features, found NaN in frame"
                                    + " 3");
            assertThat(model.problem(new float[41]))
                    .hasValueSatisfying(
                            problem -> assertThat(problem).contains("multiple of 40", "found 41"));
            assertThat(model.problem(new float[2049 * 40]))
                    .hasValueSatisfying(
                            problem ->
                                    assertThat(problem)
                                            .contains("at most 2048 frames, found 2049"));
            assertThat(model.problem(features(2048, 1))).isEmpty();
        }
    }

    @Test
    void aWindowThatOverflowsIsRefusedAndSpoilsNothingElse() {
        try (SpeechModel model = SpeechModel.load(TinyCheckpoint.speech().write(folder), SCALAR)) {
            float[] huge = new float[20 * 40];
            java.util.Arrays.fill(huge, 3e38f);
            assertThatThrownBy(() -> model.infer(List.of(features(4, 1), huge)))
                    .isInstanceOfSatisfying(
                            InvalidInputException.class, e -> assertThat(e.index()).isEqualTo(1));
            assertThat(model.infer(List.of(features(4, 1))).getFirst()).doesNotContain(Float.NaN);
        }
    }

    @Test
    void threadsMayShareAModel() throws Exception {
        try (SpeechModel model = SpeechModel.load(TinyCheckpoint.speech().write(folder), SCALAR);
                var threads = Executors.newFixedThreadPool(4)) {
            List<Callable<float[]>> calls = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                float[] window = features(20 + i % 5 * 30, i % 5);
                calls.add(() -> model.infer(List.of(window)).getFirst());
            }
            List<Future<float[]>> results = threads.invokeAll(calls);
            for (int i = 0; i < results.size(); i++) {
                assertThat(results.get(i).get()).isEqualTo(results.get(i % 5).get());
            }
        }
    }

    @Test
    void aClosedModelSaysSo() {
        SpeechModel model = SpeechModel.load(TinyCheckpoint.speech().write(folder), SCALAR);
        model.close();
        model.close();
        assertThatThrownBy(() -> model.infer(List.of(features(4, 1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
    }

    @Test
    void theVersionFollowsTheFilesAndNothingElse(@TempDir Path other) throws IOException {
        String version = version(TinyCheckpoint.speech().write(folder));
        assertThat(version).matches("[0-9a-f]{12}");
        assertThat(version(TinyCheckpoint.speech().write(other))).isEqualTo(version);
        Files.writeString(other.resolve("README.md"), "a model card");
        assertThat(version(other)).isEqualTo(version);
        TinyCheckpoint changed = TinyCheckpoint.speech().generate();
        changed.tensors.get("head.bias").values()[3] += 0.1f;
        assertThat(version(changed.write(other))).isNotEqualTo(version);
    }

    private static String version(Path folder) {
        try (SpeechModel model = SpeechModel.load(folder, SCALAR)) {
            return model.info().version();
        }
    }

    @Test
    void aFrontEndThatContradictsTheModelIsRefused() throws IOException {
        TinyCheckpoint.speech().write(folder);
        Path file = folder.resolve("preprocessor_config.json");
        String json = Files.readString(file);
        Files.writeString(file, json.replace("\"feature_size\": 40", "\"feature_size\": 39"));
        assertRefused("feature_size: expected 40, as frontend.input_size of config.json, found 39");
        Files.writeString(file, json.replace("\"window_frames\": 256", "\"window_frames\": 4096"));
        assertRefused("streaming.window_frames: expected at most 2048");
        Files.writeString(file, json.replace("\"hop_length\": 80", "\"hop_length\": 0"));
        assertRefused("hop_length: expected 8 to 200, found 0 in preprocessor_config.json");
        Files.writeString(file, "{");
        assertRefused("preprocessor_config.json: expected well-formed JSON");
        Files.delete(file);
        assertRefused("preprocessor_config.json");
    }

    @Test
    void aTextModelIsNoSpeechModel() {
        TinyCheckpoint.text("score").write(folder);
        assertRefused("task: expected \"ctc\" for speech, found \"score\" in config.json");
    }

    @Test
    void aFolderThatIsNoCheckpointIsNamed() {
        assertThatThrownBy(() -> SpeechModel.load(folder.resolve("absent"), SCALAR))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("absent: expected a checkpoint folder, found no such folder");
        assertRefused("config.json: expected a JSON file, found no such file");
    }

    @Test
    void aBackendThatIsNotThereIsNamed() {
        TinyCheckpoint.speech().write(folder);
        assertThatThrownBy(() -> SpeechModel.load(folder, SCALAR.withBackend("abacus")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found abacus");
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> SpeechModel.load(folder, SCALAR))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message);
    }
}
