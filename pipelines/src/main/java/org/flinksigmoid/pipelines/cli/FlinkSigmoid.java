package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.flinksigmoid.pipelines.Failures;
import org.flinksigmoid.pipelines.InputName;
import org.flinksigmoid.pipelines.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line's entry. Results go to standard output, everything else to standard error; exit
 * code 0 on success, 1 on failure, 2 on wrong usage.
 */
@Command(
        name = "flink-sigmoid",
        description = "Sigmoid-attention transformer encoders inside Apache Flink.",
        subcommands = {
            DemoCommand.class,
            AsrCommand.class,
            ScoreCommand.class,
            EvaluateCommand.class,
            BenchCommand.class,
            DevicesCommand.class,
            ClusterCommand.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "Start with 'flink-sigmoid demo'. 'flink-sigmoid help COMMAND' explains a command."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class FlinkSigmoid implements Runnable {
    private static final String VERBOSE = "--verbose";

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    FlinkSigmoid() {}

    /** Without a command: says which there are. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "expected a command, found none");
    }

    /** Runs one command and exits with its code. */
    public static void main(String[] arguments) {
        int code;
        try {
            code = execute(arguments);
        } catch (
                Error e) { // or Flink's threads would keep the process, which does nothing any more
            System.err.println("flink-sigmoid: " + Failures.describe(e));
            if (List.of(arguments).contains(VERBOSE)) {
                e.printStackTrace();
            }
            code = CommandLine.ExitCode.SOFTWARE;
        }
        // Client threads of an embedded Flink may linger; the command is done.
        System.exit(code);
    }

    private static int execute(String[] arguments) {
        CommandLine line = commandLine().setOut(StandardOutput.writer());
        int code = line.execute(arguments);
        boolean lost = line.getOut().checkError() | System.out.checkError();
        if (code == CommandLine.ExitCode.OK && lost) {
            line.getErr().println("flink-sigmoid: " + StandardOutput.LOST);
            code = CommandLine.ExitCode.SOFTWARE;
        }
        return code;
    }

    /** The command line as {@link #main} runs it, without exiting: for tests. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new FlinkSigmoid());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExpandAtFiles(false); // the input @a is a file of that name, not arguments in a
        line.registerConverter(Path.class, InputName::path);
        // What follows the name of a job is the job's.
        line.getSubcommands()
                .get("cluster")
                .getSubcommands()
                .get("submit")
                .setStopAtPositional(true);
        line.setParameterExceptionHandler(FlinkSigmoid::usageError);
        line.setExecutionExceptionHandler(FlinkSigmoid::failure);
        line.setExecutionStrategy(FlinkSigmoid::run);
        return line;
    }

    private static int run(CommandLine.ParseResult result) {
        if (isVerbose(result)) {
            // Read when log4j starts, which is at the first log line.
            System.setProperty("flinksigmoid.log", "INFO");
            System.setProperty("flinksigmoid.log.others", "WARN");
            System.setProperty("flinksigmoid.log.errors", "full");
        }
        return new CommandLine.RunLast().execute(result);
    }

    private static int usageError(CommandLine.ParameterException error, String[] arguments) {
        CommandLine line = error.getCommandLine();
        PrintWriter out = line.getErr();
        out.println("flink-sigmoid: " + error.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(error, out);
        out.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    private static int failure(Exception error, CommandLine line, CommandLine.ParseResult result) {
        PrintWriter out = line.getErr();
        out.println("flink-sigmoid: " + Printable.of(Failures.describe(error)));
        if (isVerbose(result)) {
            error.printStackTrace(out);
        } else {
            out.println("Run again with --verbose for the whole stack trace.");
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static boolean isVerbose(CommandLine.ParseResult result) {
        CommandLine.ParseResult last = result;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        return last.hasMatchedOption(VERBOSE);
    }
}
