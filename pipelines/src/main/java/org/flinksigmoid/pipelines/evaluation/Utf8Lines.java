package org.flinksigmoid.pipelines.evaluation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Lines of a file of text. */
final class Utf8Lines {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private Utf8Lines() {}

    /**
     * All lines, without a byte order mark before them.
     *
     * @throws IOException if it can't be read, or is a folder
     * @throws IllegalArgumentException naming the line where one is not UTF-8
     */
    static List<String> read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + ": expected a file of lines, found a folder");
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "%s line %d: expected UTF-8, found a byte that is not"
                            .formatted(file, 1 + lineEnds(bytes)),
                    e);
        }
        return (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text).lines().toList();
    }

    /** How many lines end before the buffer's position. */
    private static int lineEnds(ByteBuffer bytes) {
        int count = 0;
        for (int i = 0; i < bytes.position(); i++) {
            count += bytes.get(i) == '\n' ? 1 : 0;
        }
        return count;
    }
}
