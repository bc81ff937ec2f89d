package org.flinksigmoid.pipelines.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * One folder for all that Flink puts on the disk, gone with this JVM: a command ends without
 * waiting for Flink to clear up, which would leave 24 MB behind each time.
 */
final class TemporaryFolder {
    private static final Path FOLDER = create();

    private TemporaryFolder() {}

    static Path path() {
        return FOLDER;
    }

    private static Path create() {
        try {
            Path folder = Files.createTempDirectory("flink-sigmoid-");
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform().unstarted(() -> TemporaryFolder.delete(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("flink-sigmoid: " + folder + " could not be deleted: " + e);
        }
    }
}
