package org.flinksigmoid.kernels.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint may have come in an archive, which can hold pipes and links to devices. */
@DisabledOnOs(OS.WINDOWS)
class SpecialFilesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final ModelOptions SCALAR = ModelOptions.defaults().withBackend("scalar");

    private static final ObjectMapper JSON = new ObjectMapper();

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

    /** As a cache whose files are links has it, after a download that broke off. */
    @Test
    void aTokenizerThatIsALinkToNothingIsRefused() throws IOException {
        write(false);
        Files.createSymbolicLink(folder.resolve("tokenizer.json"), folder.resolve("gone"));
        refuses(false, "tokenizer.json");
    }

    @Test
    void aTokenizerOfFourGigabytesIsRefused() throws IOException {
        write(false);
        try (var channel =
                FileChannel.open(
                        folder.resolve("tokenizer.json"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), 4L << 30);
        }
        refuses(false, "tokenizer.json");
    }

    @Test
    void filesOfOtherNamesAreNotOpened() throws Exception {
        write(false);
        for (String name :
                new String[] {
                    "vocab.txt",
                    "merges.txt",
                    "generation_config.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json"
                }) {
            new ProcessBuilder("mkfifo", folder.resolve(name).toString()).start().waitFor();
        }
        assertTimeoutPreemptively(PATIENCE, () -> TextModel.load(folder, SCALAR).close());
    }

    @Test
    void aTensorThatNobodyUsesIsNotRead() throws IOException {
        Path file = TinyCheckpoint.speech().write(folder).resolve("model.safetensors");
        String version = version();
        addUnused(file, 1L << 10);
        String more = version();
        addUnused(file, 1L << 40); // a hole that reads as zeros for minutes
        assertTimeoutPreemptively(
                PATIENCE, () -> assertThat(version()).isNotIn(version, more).hasSize(12));
    }

    /** Puts another tensor behind the others, all zeros. */
    private static void addUnused(Path file, long bytes) throws IOException {
        ByteBuffer old = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] json = new byte[(int) old.getLong()];
        old.get(json);
        ObjectNode header = (ObjectNode) JSON.readTree(json);
        long begin = old.remaining();
        ObjectNode tensor = header.putObject("unused" + bytes).put("dtype", "U8");
        tensor.putArray("shape").add(bytes);
        tensor.putArray("data_offsets").add(begin).add(begin + bytes);
        byte[] longer = JSON.writeValueAsBytes(header);
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(length.putLong(0, longer.length));
            channel.write(ByteBuffer.wrap(longer));
            channel.write(old);
            channel.write(ByteBuffer.allocate(1), channel.position() + bytes - 1);
        }
    }

    @Test
    void aLargeFileThatThisModelDoesNotReadIsRefused() throws IOException {
        TinyCheckpoint.speech().write(folder);
        try (var channel =
                FileChannel.open(
                        folder.resolve("tokenizer.json"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), 1L << 40);
        }
        refuses(true, "tokenizer.json");
    }

    private String version() {
        try (SpeechModel model = SpeechModel.load(folder, SCALAR)) {
            return model.info().version();
        }
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
