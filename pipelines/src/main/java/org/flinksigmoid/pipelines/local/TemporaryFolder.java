package org.flinksigmoid.pipelines.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * One folder for all that Flink puts on the disk, gone with this JVM: a command ends without
 * waiting for Flink to clear up, which would leave 24 MB behind each time. Where a JVM is killed,
 * the next one removes its folder.
 */
public final class TemporaryFolder {
    private static final String PREFIX = "flink-sigmoid-";

    /**
     * Locked for as long as the JVM lives, in whatever container; has a byte as soon as it is.
     * Deleted after all else in the folder, as its name comes first.
     */
    private static final String LOCK = ".lock";

    private static final int ATTEMPTS = 10;
    private static Path folder;

    /** Open until the JVM ends: to close it would give up the lock. */
    private static FileChannel lock;

    private TemporaryFolder() {}

    /**
     * The folder; it is there.
     *
     * @throws IllegalArgumentException if Java has no folder for temporary files
     * @throws UncheckedIOException if none can be made there
     */
    public static synchronized Path path() {
        if (folder == null) {
            folder = create();
        }
        return folder;
    }

    private static Path create() {
        Path parent = Path.of(System.getProperty("java.io.tmpdir"));
        if (!Files.isDirectory(parent) || !Files.isWritable(parent)) {
            throw new IllegalArgumentException(
                    "java.io.tmpdir: expected a folder that we may write to, found %s: make it one, or name another with FLINK_SIGMOID_JAVA_OPTS=-Djava.io.tmpdir=DIR"
                            .formatted(parent));
        }
        try {
            Path made = Files.createTempDirectory(PREFIX);
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform().unstarted(() -> TemporaryFolder.delete(made)));
            lock(made);
            deleteAbandoned(made);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void lock(Path made) {
        try {
            lock =
                    FileChannel.open(
                            made.resolve(LOCK),
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.WRITE);
            lock.lock();
            lock.write(ByteBuffer.allocate(1));
        } catch (IOException e) {
            return; // no locks there: nobody else will take this folder for abandoned
        }
    }

    /** Those beside this one whose JVM is gone. What is another user's, or a link, stays. */
    private static void deleteAbandoned(Path own) {
        try (DirectoryStream<Path> all =
                Files.newDirectoryStream(own.toAbsolutePath().getParent(), PREFIX + "*")) {
            UserPrincipal user = Files.getOwner(own);
            for (Path each : all) {
                if (!each.getFileName().equals(own.getFileName())
                        && Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)
                        && Files.getOwner(each, LinkOption.NOFOLLOW_LINKS).equals(user)) {
                    deleteIfAbandoned(each);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return; // gone meanwhile, or no folder to list: the next one tries again
        }
    }

    private static void deleteIfAbandoned(Path other) {
        try (FileChannel file =
                        FileChannel.open(
                                other.resolve(LOCK),
                                StandardOpenOption.WRITE,
                                LinkOption.NOFOLLOW_LINKS);
                FileLock taken = file.tryLock()) {
            if (taken != null && file.size() > 0) {
                delete(other);
            }
        } catch (IOException e) {
            return; // it has none, or lost it meanwhile
        }
    }

    /**
     * Deletes a folder with all that is in it, or says that it can't. Flink may clear up at the
     * same time, so what was there may be gone a moment later.
     */
    public static void delete(Path folder) {
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
