package org.flinksigmoid.pipelines.source;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;

/** What is read as it comes: standard input ({@code -}) and sockets ({@code tcp://host:port}). */
public final class LiveInput {
    /** Names standard input. */
    public static final String STANDARD_INPUT = "-";

    private LiveInput() {}

    /** Whether a name means standard input or a socket, not a file. */
    public static boolean is(String name) {
        return name.equals(STANDARD_INPUT) || name.startsWith(TcpAddress.SCHEME);
    }

    /**
     * Refuses standard input more than once: each would get a part of it.
     *
     * @throws IllegalArgumentException if it is among the names twice
     */
    public static void requireOnce(List<String> names) {
        if (Collections.frequency(names, STANDARD_INPUT) > 1) {
            throw new IllegalArgumentException(
                    "expected standard input (-) once, found it several times");
        }
    }

    /**
     * The id of its stream.
     *
     * @throws IllegalArgumentException if a socket's address is none
     */
    public static String id(String name) {
        if (name.equals(STANDARD_INPUT)) {
            return "stdin";
        }
        TcpAddress.of(name);
        return name;
    }

    /** Opens it; to close standard input leaves it open: it is not ours. */
    public static InputStream open(String name) throws IOException {
        return new BufferedInputStream(
                name.equals(STANDARD_INPUT) ? new Unclosed(System.in) : TcpAddress.of(name).open());
    }

    private static final class Unclosed extends FilterInputStream {
        Unclosed(InputStream in) {
            super(in);
        }

        @Override
        public void close() {}
    }
}
