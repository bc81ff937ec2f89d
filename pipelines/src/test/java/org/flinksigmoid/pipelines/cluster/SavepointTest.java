package org.flinksigmoid.pipelines.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
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

    private static Path write(Path checkpoint) throws IOException {
        Files.createDirectories(checkpoint);
        try (OutputStream out = Files.newOutputStream(checkpoint.resolve("_metadata"))) {
            Checkpoints.storeCheckpointMetadata(
                    new CheckpointMetadata(7, List.of(), List.of()), out);
        }
        return checkpoint;
    }
}
