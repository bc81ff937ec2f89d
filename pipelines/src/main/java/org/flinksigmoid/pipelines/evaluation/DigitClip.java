package org.flinksigmoid.pipelines.evaluation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A recording of one digit, as a folder of {@code {digit}_{speaker}_{index}.wav} holds them.
 *
 * @param digit 0 to 9
 * @param speaker who speaks
 * @param index the speaker's how-manieth recording of that digit
 * @param file where it is
 */
public record DigitClip(int digit, String speaker, int index, Path file) {
    private static final Pattern NAME = Pattern.compile("([0-9])_(.+)_([0-9]{1,9})\\.wav");

    /** By speaker, then digit, then index. */
    public static final Comparator<DigitClip> ORDER =
            Comparator.comparing(DigitClip::speaker)
                    .thenComparingInt(DigitClip::digit)
                    .thenComparingInt(DigitClip::index);

    /**
     * The clips of a folder, ordered; other files are ignored.
     *
     * @throws IOException if there is no such folder
     */
    public static List<DigitClip> in(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(
                    folder + ": expected a folder of {digit}_{speaker}_{index}.wav files");
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(DigitClip::parse).flatMap(Optional::stream).sorted(ORDER).toList();
        }
    }

    private static Optional<DigitClip> parse(Path file) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        return name.matches()
                ? Optional.of(
                        new DigitClip(
                                Integer.parseInt(name.group(1)),
                                name.group(2),
                                Integer.parseInt(name.group(3)),
                                file))
                : Optional.empty();
    }

    /** As the name says it, {@code 3_anna_7}. */
    public String id() {
        return digit + "_" + speaker + "_" + index;
    }
}
