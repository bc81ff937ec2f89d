package org.flinksigmoid.pipelines.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.filesystem.RelativeFileStateHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavepointTest {
    @TempDir private Path folder;

    @Test
    void isAFolderOrItsMetadataOrTheirUri() throws IOException {
        Path checkpoint = write(folder.resolve("job #1, 100%25/chk-7"));
        Path metadata = checkpoint.resolve("_metadata");
        for (Path path : List.of(checkpoint, metadata)) {
            Savepoint savepoint = Savepoint.of(path.toString(), true);
            assertThat(new org.apache.flink.core.fs.Path(savepoint.location()).getPath())
                    .isEqualTo(path.toString());
            assertThat(savepoint.partly()).isTrue();
            assertThat(Savepoint.of("file:" + path, true)).isEqualTo(savepoint);
            assertThat(Savepoint.of("file://" + path, true)).isEqualTo(savepoint);
        }
    }

    @Test
    void whatIsElsewhereIsLeftToTheCluster() throws IOException {
        assertThat(Savepoint.of("s3://bucket/a", false))
                .isEqualTo(new Savepoint("s3://bucket/a", false));
    }

    @Test
    void whatIsNotThereIsRefused() {
        assertThatThrownBy(() -> Savepoint.of(folder.resolve("a").toString(), false))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(folder.resolve("a").toString());
    }

    @Test
    void aFolderOfSeveralSaysWhich() throws IOException {
        assertThatThrownBy(() -> Savepoint.of(folder.toString(), false))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        folder
                                + ": expected a savepoint or a checkpoint, found a folder without"
                                + " _metadata");
        Files.createDirectory(folder.resolve("shared"));
        write(folder.resolve("chk-7"));
        write(folder.resolve("chk-8"));
        assertThatThrownBy(() -> Savepoint.of(folder.toString(), false))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("_metadata; name one of those in it: chk-7, chk-8");
    }

    @Test
    void whatFlinkCannotReadIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("_metadata"), "no metadata at all");
        Path short1 = write(folder.resolve("chk-1")).resolve("_metadata");
        Files.write(short1, new byte[] {0x49, 0x60}); // as a full disk leaves it
        for (Path each : List.of(file, short1)) {
            assertThatThrownBy(() -> Savepoint.of(each.toString(), false))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(
                            each
                                    + ": expected a savepoint or a checkpoint, found what Flink"
                                    + " can't read: ");
        }
    }

    /** The job was submitted, and failed at it for ever. */
    @Test
    void aCopyThatBrokeOffIsRefused() throws IOException {
        Path checkpoint = folder.resolve("job #1, 100%25/chk-7");
        Path file = checkpoint.resolve("459e1f5c");
        var location = new org.apache.flink.core.fs.Path(file.toUri());
        var handle = new RelativeFileStateHandle(location, "459e1f5c", 10);
        OperatorState operator = new OperatorState("texts", "texts", new OperatorID(), 1, 128);
        operator.putState(
                0,
                OperatorSubtaskState.builder()
                        .setManagedOperatorState(new OperatorStreamStateHandle(Map.of(), handle))
                        .build());
        write(checkpoint, operator);
        Files.write(file, new byte[10]);
        Savepoint.of(checkpoint.toString(), false);
        Files.write(file, new byte[9]);
        assertRefused(checkpoint, file, "9");
        Files.delete(file);
        assertRefused(checkpoint, file, "no such file");
    }

    private static void assertRefused(Path checkpoint, Path file, String found) {
        assertThatThrownBy(() -> Savepoint.of(checkpoint.toString(), false))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        "%s: expected 10 bytes, as %s/_metadata says, found %s: "
                                .formatted(file, checkpoint, found));
    }

    private static Path write(Path checkpoint, OperatorState... operators) throws IOException {
        Files.createDirectories(checkpoint);
        try (OutputStream out = Files.newOutputStream(checkpoint.resolve("_metadata"))) {
            Checkpoints.storeCheckpointMetadata(
                    new CheckpointMetadata(7, List.of(operators), List.of()), out);
        }
        return checkpoint;
    }
}
