package org.flinksigmoid.pipelines.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the checkpoint that a user means: a folder, or the name of a model that is shipped. */
final class ModelOption {
    private static final String CONFIG = "config.json";

    private ModelOption() {}

    /**
     * A folder with a config.json.
     *
     * @throws IOException saying what was expected and which models there are
     */
    static Path resolve(String named) throws IOException {
        Path folder = Path.of(named);
        if (Files.isRegularFile(folder.resolve(CONFIG))) {
            return folder;
        }
        Path shipped = models().resolve(named);
        if (named.matches("[\\w.-]+") && Files.isRegularFile(shipped.resolve(CONFIG))) {
            return shipped;
        }
        String found =
                Files.isDirectory(folder)
                        ? "the folder " + named + " without " + CONFIG
                        : "neither a folder nor such a name";
        throw new IOException(
                "model %s: expected a folder with %s, or one of %s; found %s"
                        .formatted(named, CONFIG, shippedNames(), found));
    }

    /** Names of the shipped models. */
    static List<String> shippedNames() throws IOException {
        Path models = models();
        if (!Files.isDirectory(models)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(models)) {
            return folders.filter(folder -> Files.isRegularFile(folder.resolve(CONFIG)))
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    private static Path models() {
        return Home.folder().resolve("models");
    }
}
