package org.flinksigmoid.pipelines.asr;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.flinksigmoid.pipelines.source.LiveInput;
import org.flinksigmoid.pipelines.source.StreamIds;
import org.flinksigmoid.pipelines.source.StreamInput;

/** Turns what a user names into streams. */
public final class AudioInputs {
    private AudioInputs() {}

    /**
     * One stream for each file, standard input or socket; a folder stands for the audio files in
     * it, by name. Only names are looked at: what is in a file, and whether it is one, shows when
     * it is read.
     *
     * @param names of files and folders, {@code -}, {@code tcp://host:port}
     * @throws IOException if a file or folder is not there, a folder holds no audio, or a name is
     *     that of a pipe or a device
     * @throws IllegalArgumentException if a socket's address is none, or standard input is named
     *     twice
     */
    public static List<StreamInput> of(List<String> names) throws IOException {
        LiveInput.requireOnce(names);
        List<StreamInput> inputs = new ArrayList<>();
        StreamIds ids = new StreamIds();
        for (String name : names) {
            if (LiveInput.is(name)) {
                String id = ids.unique(LiveInput.id(name));
                inputs.add(new StreamInput(id, List.of(name)));
            } else {
                for (Path file : files(Path.of(name))) {
                    inputs.add(
                            new StreamInput(
                                    ids.unique(file.getFileName().toString()),
                                    List.of(file.toAbsolutePath().toString())));
                }
            }
        }
        return inputs;
    }

    private static List<Path> files(Path named) throws IOException {
        if (!Files.exists(named)) {
            throw new NoSuchFileException(named.toString());
        }
        if (Files.isRegularFile(named)) {
            return List.of(named);
        }
        if (!Files.isDirectory(named)) { // a pipe could block the job for ever
            throw new IOException(
                    named
                            + ": expected an audio file or a folder of such files, found what is no"
                            + " file; of pipes only flink-sigmoid asr reads one, as -");
        }
        try (Stream<Path> children = Files.list(named)) {
            List<Path> audio =
                    children.filter(AudioFormat::isAudioFile)
                            .filter(file -> !Files.isDirectory(file))
                            .sorted()
                            .toList();
            if (audio.isEmpty()) {
                throw new IOException(
                        named + ": expected .wav, .raw, .pcm or .s16 files, found none");
            }
            return audio;
        }
    }
}
