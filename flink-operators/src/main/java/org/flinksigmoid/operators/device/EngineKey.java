package org.flinksigmoid.operators.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What makes two engines the same: the files they are loaded from and how they run.
 *
 * @param folder real path of the model's folder
 * @param fingerprint names, sizes and times of change of its files: new weights at the same path
 *     are another engine
 * @param how backend, device, threads, weights; anything with value equality
 */
public record EngineKey(Path folder, List<Stamp> fingerprint, Object how) {
    /**
     * A file as it was found.
     *
     * @param name its name
     * @param bytes its size
     * @param changed when it was written last
     */
    public record Stamp(String name, long bytes, FileTime changed) {}

    /**
     * The key of a model folder as it is now.
     *
     * @throws UncheckedIOException if the folder can't be read; the message names it
     */
    public static EngineKey of(Path folder, Object how) {
        try {
            Path real = folder.toRealPath();
            try (Stream<Path> files = Files.list(real)) {
                return new EngineKey(real, files.sorted().map(EngineKey::stamp).toList(), how);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    folder + ": expected a readable folder with a model, found none", e);
        }
    }

    /** Size of the files. */
    public long bytes() {
        return fingerprint.stream().mapToLong(Stamp::bytes).sum();
    }

    /** The fingerprint as a text, the same for the same files wherever it is made. */
    public String files() {
        return fingerprint.stream()
                .map(file -> "%s %d %s".formatted(file.name(), file.bytes(), file.changed()))
                .collect(Collectors.joining("\n"));
    }

    private static Stamp stamp(Path file) {
        try {
            return new Stamp(
                    file.getFileName().toString(),
                    Files.size(file),
                    Files.getLastModifiedTime(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
