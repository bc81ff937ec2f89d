package org.flinksigmoid.pipelines.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFolderTest {
    @TempDir private Path temporary;

    private final List<Process> processes = new ArrayList<>();

    /** A process that has a folder until its standard input ends. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] arguments) throws IOException {
            System.out.println(TemporaryFolder.path());
            System.in.read();
        }
    }

    @AfterEach
    void end() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void theFolderOfAProcessThatEndsGoesWithIt() throws Exception {
        Path folder = start();
        assertThat(folder).isDirectory();
        processes.getFirst().outputWriter().close();
        assertThat(processes.getFirst().waitFor()).isZero();
        assertThat(folder).doesNotExist();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theFolderOfAKilledProcessIsRemovedByTheNextAndNothingElse() throws Exception {
        Path left = start();
        Path living = start();
        Files.writeString(Files.createDirectory(left.resolve("blobs")).resolve("job"), "jar");
        processes.getFirst().destroyForcibly().waitFor();
        Path beginning = Files.createDirectory(temporary.resolve("flink-sigmoid-1"));
        Files.createFile(beginning.resolve(".lock")); // its owner has not locked it yet
        Path unknown = Files.createDirectory(temporary.resolve("flink-sigmoid-2"));
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve(".lock"), "x");
        Files.createSymbolicLink(temporary.resolve("flink-sigmoid-3"), elsewhere);
        assertThat(left).isDirectory();

        Path next = start();

        assertThat(left).doesNotExist();
        assertThat(List.of(living, next, beginning, unknown, elsewhere.resolve(".lock")))
                .allSatisfy(path -> assertThat(path).exists());
    }

    private Path start() throws IOException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Djava.io.tmpdir=" + temporary,
                                "-cp",
                                System.getProperty("java.class.path"),
                                Owner.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        processes.add(process);
        return Path.of(process.inputReader().readLine());
    }
}
