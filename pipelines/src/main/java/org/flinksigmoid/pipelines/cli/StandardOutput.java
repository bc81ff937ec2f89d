package org.flinksigmoid.pipelines.cli;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;

/** Results that can't be written are a failure; a print stream alone would keep silent about it. */
final class StandardOutput {
    static final String LOST =
            "standard output: expected room for results, found it closed or full";

    private StandardOutput() {}

    /** Standard output itself. */
    static PrintWriter writer() {
        Writer bytes =
                new OutputStreamWriter(
                        new FileOutputStream(FileDescriptor.out), System.out.charset());
        return new PrintWriter(new BufferedWriter(bytes), true);
    }

    /**
     * Flushes what was printed.
     *
     * @throws UncheckedIOException if not all of it could be written
     */
    static void flush(PrintWriter out) {
        if (out.checkError()) {
            throw new UncheckedIOException(new IOException(LOST));
        }
    }
}
