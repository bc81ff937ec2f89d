package org.flinksigmoid.pipelines.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;

/** Results that can't be written are a failure; a print stream alone would keep silent about it. */
final class StandardOutput {
    private StandardOutput() {}

    /**
     * Flushes what was printed.
     *
     * @throws UncheckedIOException if not all of it could be written
     */
    static void flush(PrintWriter out) {
        if (out.checkError()) {
            throw new UncheckedIOException(
                    new IOException(
                            "standard output: expected room for results, found it closed or full"));
        }
    }
}
