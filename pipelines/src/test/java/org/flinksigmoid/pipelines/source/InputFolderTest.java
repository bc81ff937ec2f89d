package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFolderTest {
    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("a.txt"), "hello\n");
    }

    @Test
    void oneFileThatIsGoneOrBrokenIsNoReasonToFailTheJob() {
        Path gone = folder.resolve("b.txt");
        InputFolder.requireOf(input(gone), new NoSuchFileException(gone.toString()));
        InputFolder.requireOf(input(file), new IOException("no audio"));
    }

    /** Its files were reported as gone though they could be read again. */
    @Test
    void aFolderThatCameBackWhileItWasLookedForWasGone() {
        IOException failure = new NoSuchFileException(file.toString());
        assertThatThrownBy(() -> InputFolder.requireOf(input(file), failure))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(folder + ": expected the folder of a.txt");
    }

    private static StreamInput input(Path file) {
        return new StreamInput("a", List.of(file.toString()));
    }
}
