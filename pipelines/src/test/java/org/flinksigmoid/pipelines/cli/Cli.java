package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
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
        StringWriter out = new StringWriter();
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
