package org.flinksigmoid.pipelines.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
    @TempDir private Path parent;

    @Test
    void isMadeWhereItIsMissing() throws IOException {
        OutputFolder folder = folder("a/b");
        assertThat(folder.isRefused()).isFalse();
        folder.create();
        folder.create();
        assertThat(parent.resolve("a/b")).isEmptyDirectory();
    }

    @Test
    void aFileInItsPlaceOrAboveItIsRefused() throws IOException {
        Path file = Files.writeString(parent.resolve("file"), "");
        for (String name : new String[] {"file", "file/a/b"}) {
            OutputFolder folder = folder(name);
            assertThat(folder.isRefused()).isTrue();
            assertThatThrownBy(folder::create)
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            folder.path()
                                    + ": expected a folder for results, found a file "
                                    + file
                                    + ": name another");
        }
    }

    @Test
    void oneThatMayNotBeWrittenToIsRefused() throws IOException {
        Path closed = closed();
        for (Path path : new Path[] {closed, closed.resolve("a")}) {
            OutputFolder folder = new OutputFolder(path.toString(), false);
            assertThat(folder.isRefused()).isTrue();
            assertThatThrownBy(folder::create)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(closed + ", which we may not write to");
        }
    }

    @Test
    void aFailureNamesItAndItsCause() {
        IOException cause = new IOException("No space left on device");
        assertThat(folder("a").failure(cause))
                .hasCause(cause)
                .hasMessage(
                        parent.resolve("a")
                                + ": expected to write results there, found No space left on"
                                + " device: make room or see what is wrong");
        assertThat(new OutputFolder("/a", true).failure(cause))
                .hasMessageEndingWith("; the job goes on from its last checkpoint");
        assertThat(folder("a").failure(new NoSuchFileException("/a/b")))
                .hasMessageContaining("found java.nio.file.NoSuchFileException: /a/b: ");
    }

    private Path closed() throws IOException {
        Path closed = Files.createDirectory(parent.resolve("closed"));
        assertThat(closed.toFile().setWritable(false)).isTrue();
        // Root may write to any folder, but not make what is no setting of the kernel.
        return Files.isWritable(closed) ? Path.of("/proc/sys/kernel") : closed;
    }

    private OutputFolder folder(String name) {
        return new OutputFolder(parent.resolve(name).toString(), false);
    }
}
