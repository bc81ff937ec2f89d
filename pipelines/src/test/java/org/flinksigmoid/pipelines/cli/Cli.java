package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import picocli.CommandLine;

/**
 * One run of the command line inside this JVM.
 *
 * @param code what the process would exit with
 * @param out standard output
 * @param err standard error
 */
record Cli(int code, String out, String err) {
    static Cli run(String... arguments) {
        return run(new StringWriter(), arguments);
    }

    /** A run whose standard output ends in a writer of the caller's. */
    static Cli run(Writer out, String... arguments) {
        StringWriter err = new StringWriter();
        CommandLine line =
                FlinkSigmoid.commandLine()
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true));
        return new Cli(line.execute(arguments), out.toString(), err.toString());
    }

    /** The last line of standard output. */
    String lastLine() {
        return out.lines().reduce("", (first, second) -> second);
    }
}
