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
public final class TemporaryFolder {
    private static final int ATTEMPTS = 10;
    private static Path folder;

    private TemporaryFolder() {}

    /**
     * The folder; it is there.
     *
     * @throws UncheckedIOException if none can be made where Java puts temporary files
     */
    public static synchronized Path path() {
        if (folder == null) {
            folder = create();
        }
        return folder;
    }

    private static Path create() {
        try {
            Path made = Files.createTempDirectory("flink-sigmoid-");
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform().unstarted(() -> TemporaryFolder.delete(made)));
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Flink clears up at the same time, so what was there may be gone a moment later. */
    private static void delete(Path folder) {
        for (int attempt = 0; attempt < ATTEMPTS && Files.exists(folder); attempt++) {
            try (Stream<Path> files = Files.walk(folder)) {
                List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
                for (Path file : deepestFirst) {
                    Files.deleteIfExists(file);
                }
            } catch (IOException | UncheckedIOException e) {
                if (attempt == ATTEMPTS - 1) {
                    System.err.println("flink-sigmoid: could not delete " + folder + ": " + e);
                }
            }
        }
    }
}
