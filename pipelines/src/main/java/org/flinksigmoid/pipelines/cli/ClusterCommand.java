package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.flinksigmoid.pipelines.WholeNumber;
import org.flinksigmoid.pipelines.cluster.ClusterOptions;
import org.flinksigmoid.pipelines.cluster.ClusterProcesses;
import org.flinksigmoid.pipelines.cluster.JobFailures;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid cluster}: a real Flink cluster on this machine, until it is interrupted. */
@Command(
        name = "cluster",
        description =
                "Run a Flink cluster on this machine, one process each for the JobManager and every"
                    + " TaskManager, until it is interrupted. A TaskManager that dies is replaced,"
                    + " until three in a row don't start. Of jobs that fail it says why.",
        subcommands = SubmitCommand.class,
        footer = {
            "",
            "  flink-sigmoid cluster --task-managers 2",
            "  flink-sigmoid cluster submit asr --model DIR --output out/ recordings/"
        })
final class ClusterCommand implements Callable<Integer> {
    private static final long LOOK_EVERY_MILLIS = 500;

    @Mixin private LoggingOptions logging;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Option(
            names = "--task-managers",
            paramLabel = "N",
            defaultValue = "2",
            converter = WholeNumber.Parallel.class,
            description = "Processes that run tasks, 1 to 128. Default: ${DEFAULT-VALUE}.")
    private int taskManagers;

    @Option(
            names = "--slots",
            paramLabel = "N",
            defaultValue = "2",
            converter = WholeNumber.Parallel.class,
            description = "Slots of each TaskManager, 1 to 128. Default: ${DEFAULT-VALUE}.")
    private int slots;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8081",
            converter = WholeNumber.Port.class,
            description = "Where jobs are submitted. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            defaultValue = "flink-cluster",
            description =
                    "Configuration, logs (those of the cluster before end in .log.1) and"
                            + " checkpoints. Default: ${DEFAULT-VALUE}.")
    private Path folder;

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description =
                    "Set an option of Flink's, such as -Djobmanager.memory.heap.size=2g, of which"
                            + " 512 MB, by default, do for a job of a million files. Plugins are"
                            + " those in the folder that the environment variable FLINK_PLUGINS_DIR"
                            + " names.")
    private Map<String, String> settings = Map.of();

    ClusterCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        ClusterOptions options = options();
        err.printf("Starting a JobManager and %d TaskManagers ...%n", taskManagers);
        try (ClusterProcesses cluster = ClusterProcesses.start(options)) {
            err.printf(
                    "Cluster at %s with %d slots, logs in %s. Ctrl-C ends it.%n",
                    cluster.address(), taskManagers * slots, options.folder());
            err.flush();
            JobFailures failures = new JobFailures(cluster.rest());
            while (cluster.isAlive()) {
                Thread.sleep(LOOK_EVERY_MILLIS);
                for (String end : cluster.replaceTheDead()) {
                    err.printf("A TaskManager has ended, started another: %s%n", end);
                }
                for (String failure : failures.news()) {
                    err.println(Printable.of(failure));
                }
                err.flush();
            }
            if (cluster.isClosed()) {
                return CommandLine.ExitCode.OK; // we were interrupted, which decides the real one
            }
            throw new IllegalStateException(
                    "the JobManager has ended: %s; jobs go on from their last checkpoints, in %s, with submit --from-savepoint"
                            .formatted(
                                    cluster.jobManagerEnd(),
                                    options.folder().resolve("checkpoints")));
        }
    }

    private ClusterOptions options() {
        try {
            return new ClusterOptions(
                    taskManagers,
                    slots,
                    port,
                    folder,
                    jvmFlags(),
                    System.getProperty("java.class.path"),
                    settings);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** As the launcher script starts this JVM. */
    static List<String> jvmFlags() {
        Path conf = Home.folder().resolve(Path.of("src", "main", "dist", "conf"));
        List<String> flags = new ArrayList<>();
        String tornado = System.getenv("TORNADOVM_HOME");
        if (tornado != null && !tornado.isEmpty()) {
            flags.add("@" + Path.of(tornado, "tornado-argfile"));
            flags.add("--module-path=" + System.getProperty("jdk.module.path"));
            flags.add("@" + conf.resolve("gpu.options"));
        }
        flags.add("@" + conf.resolve("jvm.options"));
        flags.add("-Dlog4j2.configurationFile=" + conf.resolve("log4j2.properties"));
        flags.add("-Dflinksigmoid.log.others=INFO");
        flags.add("-Dflinksigmoid.log=INFO");
        flags.add("-Dflinksigmoid.log.errors=full");
        return flags;
    }
}
