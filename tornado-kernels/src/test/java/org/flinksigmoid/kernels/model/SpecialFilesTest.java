package org.flinksigmoid.kernels.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint may have come in an archive, which can hold pipes and links to devices. */
@DisabledOnOs(OS.WINDOWS)
class SpecialFilesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ModelOptions SCALAR = ModelOptions.defaults().withBackend("scalar");

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config.json",
                "model.safetensors",
                "preprocessor_config.json",
                "tokenizer.json",
                "vocab.json"
            })
    void pipesAndEndlessDevicesAreRefused(String name) throws Exception {
        boolean speech = !name.equals("tokenizer.json");
        Path file = folder.resolve(name);
        write(speech);
        Files.deleteIfExists(file);
        Files.createSymbolicLink(file, Path.of("/dev/zero"));
        refuses(speech, name);
        Files.delete(file);
        new ProcessBuilder("mkfifo", file.toString()).start().waitFor();
        refuses(speech, name);
    }

    private void write(boolean speech) throws IOException {
        TinyCheckpoint checkpoint =
                speech ? TinyCheckpoint.speech() : TinyCheckpoint.text("text-classification");
        checkpoint.generate();
        checkpoint.config.remove(speech ? "id2label" : "tokenizer");
        checkpoint.write(folder);
        if (speech) {
            Files.writeString(folder.resolve("vocab.json"), "{\"a\": 0, \"b\": 1}");
        }
    }

    private void refuses(boolean speech, String name) {
        assertTimeoutPreemptively(
                PATIENCE,
                () ->
                        assertThatThrownBy(
                                        () -> {
                                            if (speech) {
                                                SpeechModel.load(folder, SCALAR).close();
                                            } else {
                                                TextModel.load(folder, SCALAR).close();
                                            }
                                        })
                                .isInstanceOf(CheckpointException.class)
                                .hasMessageStartingWith(name + ": expected"));
    }
}
