package org.flinksigmoid.kernels.text;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;

/**
 * The folder that the tokenizers library unpacks its native code into, and loads it from without
 * looking at it. Where the home folder can't be written to that is one of the temporary folder,
 * which any user of the machine could have made, with code of his own in it.
 */
final class NativeFolder {
    private static final LinkOption ITSELF = LinkOption.NOFOLLOW_LINKS;

    private NativeFolder() {}

    /**
     * Makes a folder where others could come before, and refuses one of theirs.
     *
     * @throws IllegalStateException if somebody else, who isn't root, made it or may write to it
     */
    static void requireOwn(Path folder) {
        try {
            Path parent = folder.toAbsolutePath().getParent();
            if (parent != null && anybodyWrites(parent) && !makes(folder)) {
                requireOf(self(parent), folder);
            }
            if (anybodyWrites(folder)) {
                throw refused(folder, "anybody can write to it");
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "The tokenizers library's native code can't be unpacked to %s: %s"
                            .formatted(folder, e),
                    e);
        }
    }

    /** Refuses a folder, or a link to one, of anybody but a user and root. */
    static void requireOf(UserPrincipal self, Path folder) throws IOException {
        if (!isOf(folder, self, ITSELF) || !isOf(folder, self)) {
            throw refused(folder, "it is of " + Files.getOwner(folder, ITSELF).getName());
        }
    }

    private static IllegalStateException refused(Path folder, String why) {
        return new IllegalStateException(
                "The tokenizers library would load native code from %s, and %s: name another folder by the environment variable ENGINE_CACHE_DIR."
                        .formatted(folder, why));
    }

    private static boolean makes(Path folder) throws IOException {
        try {
            var own = PosixFilePermissions.fromString("rwx------");
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(own));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** False of what isn't there, and where there are no such permissions. */
    private static boolean anybodyWrites(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return false;
        }
        FileStore store = Files.getFileStore(folder);
        return store.supportsFileAttributeView(PosixFileAttributeView.class)
                && Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_WRITE);
    }

    /** Who makes files here; the user's name is not known in every container. */
    private static UserPrincipal self(Path writable) throws IOException {
        Path file = Files.createTempFile(writable, ".flink-sigmoid", "");
        try {
            return Files.getOwner(file);
        } finally {
            Files.delete(file);
        }
    }

    private static boolean isOf(Path folder, UserPrincipal self, LinkOption... options)
            throws IOException {
        var attributes = Files.readAttributes(folder, PosixFileAttributes.class, options);
        return attributes.owner().equals(self)
                || Files.getAttribute(folder, "unix:uid", options).equals(0);
    }
}
