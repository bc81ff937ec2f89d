package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.io.Writer;

/**
 * What the streams are connected to; the launcher script knows and says so.
 *
 * @param outIsTerminal whether people watch standard output
 * @param errIsTerminal whether people watch standard error
 */
record Terminal(boolean outIsTerminal, boolean errIsTerminal) {
    static Terminal detect() {
        return new Terminal(
                Boolean.getBoolean("flinksigmoid.out.terminal"),
                Boolean.getBoolean("flinksigmoid.err.terminal"));
    }

    /** A bar on standard error, silent where nobody watches. */
    Progress progress(PrintWriter err, String what, long total) {
        return new Progress(
                errIsTerminal ? err : new PrintWriter(Writer.nullWriter()), what, total);
    }
}
