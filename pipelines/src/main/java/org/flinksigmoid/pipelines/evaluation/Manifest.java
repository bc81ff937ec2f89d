package org.flinksigmoid.pipelines.evaluation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.flinksigmoid.pipelines.source.StreamInput;

/** Reads a list of audio files and what is said in each. */
public final class Manifest {
    private Manifest() {}

    /**
     * Lines {@code path<TAB>transcript}; a path is relative to the manifest's folder. Empty lines
     * and lines that begin with {@code #} are skipped. Results are grouped by the file's folder.
     *
     * @throws IllegalArgumentException naming file and line where one is not like that
     */
    public static List<LabelledStream> read(Path manifest) throws IOException {
        Path folder = manifest.toAbsolutePath().getParent();
        List<LabelledStream> streams = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        int number = 0;
        for (String line : Utf8Lines.read(manifest)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] fields = line.split("\t", -1);
            if (fields.length != 2 || fields[0].isBlank()) {
                throw new IllegalArgumentException(
                        "%s line %d: expected path<TAB>transcript, found %d fields"
                                .formatted(manifest, number, fields.length));
            }
            Path file = folder.resolve(fields[0].strip());
            String id = fields[0].strip();
            if (!ids.add(id)) {
                id = id + " (line " + number + ")";
            }
            if (file.getParent() == null) {
                throw new IllegalArgumentException(
                        "%s line %d: expected a file's path, found %s"
                                .formatted(manifest, number, file));
            }
            String group = String.valueOf(file.getParent().getFileName());
            streams.add(
                    new LabelledStream(
                            new StreamInput(id, List.of(file.toString())),
                            group,
                            String.join(" ", fields[1].strip().split("\\s+"))));
        }
        if (streams.isEmpty()) {
            throw new IllegalArgumentException(
                    manifest + ": expected lines path<TAB>transcript, found none");
        }
        return streams;
    }
}
