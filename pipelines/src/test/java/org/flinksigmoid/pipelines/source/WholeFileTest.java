package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
    private static final int SIZE = 100_000;

    @TempDir private Path folder;

    @Test
    void aFileThatIsCutShortWhileItIsReadDoesNotJustEnd() throws IOException {
        Path file = Files.write(folder.resolve("a.txt"), new byte[SIZE]);
        try (InputStream in = WholeFile.open(file)) {
            assertThat(in.read()).isZero();
            Files.write(file, new byte[SIZE / 2]);
            assertThatThrownBy(in::readAllBytes)
                    .hasMessageStartingWith("expected 100000 bytes, as when it was opened, found ");
        }
    }

    @Test
    void aFileThatGrowsOrIsDeletedIsReadToItsEnd() throws IOException {
        Path file = Files.write(folder.resolve("a.txt"), new byte[SIZE]);
        try (InputStream in = WholeFile.open(file)) {
            assertThat(in.read()).isZero();
            Files.write(file, new byte[SIZE], StandardOpenOption.APPEND);
            Files.delete(file);
            assertThat(in.readAllBytes()).hasSize(2 * SIZE - 1);
        }
    }

    @Test
    void whatIsNoFileIsRefused() {
        assertThatThrownBy(() -> WholeFile.open(folder))
                .hasMessage(folder + ": expected a file, found what is none");
    }
}
