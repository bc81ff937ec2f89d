package org.flinksigmoid.pipelines.sink;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A folder of results, and what is said where they can't be written.
 *
 * @param path absolute
 * @param recovers whether a job that fails is started again from its last checkpoint
 */
record OutputFolder(String path, boolean recovers) implements Serializable {
    private static final long serialVersionUID = 1;

    /**
     * Makes it where it is missing.
     *
     * @throws IOException if results can't be written to it
     */
    void create() throws IOException {
        try {
            Files.createDirectories(Path.of(path));
        } catch (IOException e) {
            throw isRefused() ? refusal(e) : failure(e);
        }
        if (isRefused()) {
            throw refusal(null);
        }
    }

    /** Whether somebody has to do something before results can be written to it. */
    boolean isRefused() {
        Path nearest = nearest();
        return !Files.isDirectory(nearest) || !Files.isWritable(nearest);
    }

    private IOException refusal(IOException cause) {
        Path nearest = nearest();
        String found =
                Files.isDirectory(nearest)
                        ? "%s, which we may not write to: change its permissions or name another"
                        : "a file %s: name another";
        return new IOException(
                path + ": expected a folder for results, found " + found.formatted(nearest), cause);
    }

    /**
     * Looks for the lines of a file that is to be completed. Flink would take one without them for
     * complete, and they were lost.
     *
     * @throws IOException if somebody has moved or removed them
     */
    static void requireLinesOf(String file) throws IOException {
        Path complete = Path.of(file);
        String begun = ".%s.inprogress.".formatted(complete.getFileName());
        try (Stream<Path> all = Files.list(complete.getParent())) {
            if (all.anyMatch(each -> each.getFileName().toString().startsWith(begun))) {
                return;
            }
        } catch (NoSuchFileException e) {
            // gone with all that was in it
        }
        throw new IOException(begun + "* gone before it was complete");
    }

    /** The same failure, which may pass, with the folder and what to do. */
    IOException failure(IOException cause) {
        boolean bare = cause instanceof FileSystemException named && named.getReason() == null;
        String todo =
                recovers
                        ? "make room or see what is wrong; the job goes on from its last checkpoint"
                        : "make room or see what is wrong";
        return new IOException(
                "%s: expected to write results there, found %s: %s"
                        .formatted(path, bare ? cause : cause.getMessage(), todo),
                cause);
    }

    /** The folder or, where it is missing, the nearest one above it. */
    private Path nearest() {
        Path nearest = Path.of(path);
        while (!Files.exists(nearest, LinkOption.NOFOLLOW_LINKS) && nearest.getParent() != null) {
            nearest = nearest.getParent();
        }
        return nearest;
    }
}
