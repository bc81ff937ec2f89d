package org.flinksigmoid.pipelines.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The folder of a file that can't be read: of one that is gone all files seem to be. */
public final class InputFolder {
    private InputFolder() {}

    /**
     * Looks whether there are other files still. Without them a job would report one after the
     * other, which takes no time, and be done.
     *
     * @param input whose parts are files where they are absolute paths
     * @throws UncheckedIOException if the folder of one is gone or empty, as that of a disk which
     *     is not mounted, or was until just now: the job is to fail, and to read it when it is back
     */
    public static void requireOf(StreamInput input, IOException failure) {
        input.parts().forEach(part -> require(Path.of(part), failure));
    }

    private static void require(Path file, IOException failure) {
        if (!file.isAbsolute() || file.getParent() == null) {
            return;
        }
        Path folder = file.getParent();
        try (Stream<Path> files = Files.list(folder)) {
            boolean isBack = failure instanceof NoSuchFileException && Files.exists(file);
            if (files.findAny().isPresent() && !isBack) {
                return;
            }
        } catch (IOException | UncheckedIOException e) {
            // it is as good as gone
        }
        throw new UncheckedIOException(
                new IOException(
                        "%s: expected the folder of %s, found it gone or empty (%s): is it mounted on this machine?"
                                .formatted(folder, file.getFileName(), Reasons.of(failure)),
                        failure));
    }
}
