package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * {@code bin/flink-sigmoid} in a home of its own, with a JDK that only writes down how it was
 * called and, asked for a cache of classes, makes a file.
 */
final class Launcher {
    /** A variable for tests that have no use for a cache. */
    static final String NO_CACHE = "FLINK_SIGMOID_CLASS_CACHE=off";

    private static final long PATIENCE_SECONDS = 300;

    /** Holds everything. */
    private final Path folder;

    /** The script itself. */
    Path script;

    /** The JDK's home; its {@code bin} is the first of the PATH. */
    final Path jdk;

    /** What the caches are made of. */
    final Path jar;

    /** Where the caches lie. */
    final Path caches;

    /** How Java was called, a line each. */
    final Path calls;

    private Launcher(Path folder) {
        this.folder = folder;
        Path dist = pipelines().resolve("target/dist");
        script = pipelines().resolve("bin/flink-sigmoid");
        jdk = folder.resolve("jdk");
        jar = dist.resolve("lib/some.jar");
        caches = dist.resolve("classes");
        calls = folder.resolve("calls");
    }

    /** Lays it out in an empty folder. */
    static Launcher lay(Path folder) throws IOException {
        Launcher launcher = new Launcher(folder);
        Path pipelines = launcher.pipelines();
        Files.createDirectories(launcher.script.getParent());
        Files.copy(Path.of("bin", "flink-sigmoid"), launcher.script);
        Path options = pipelines.resolve("src/main/dist/conf/jvm.options");
        Files.createDirectories(options.getParent());
        Files.writeString(options, "-Dnothing=1\n");
        Files.createDirectories(launcher.jar.getParent());
        Files.createDirectories(pipelines.resolve("target/dist/flink"));
        Files.writeString(launcher.jar, "jar");
        Files.createDirectories(launcher.jdk.resolve("bin"));
        Files.writeString(launcher.jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        launcher.program("javac", "");
        launcher.program(
                "java",
                """
                echo "$@" >>'%s'
                for argument in "$@"; do
                    case $argument in
                        -XX:AOTCacheOutput=*)
                            [ ! -f '%s' ] || exit 1
                            sleep 1
                            echo cache >"${argument#*=}"
                            ;;
                    esac
                done
                """
                        .formatted(launcher.calls, launcher.fails()));
        return launcher;
    }

    private Path pipelines() {
        return folder.resolve("home/pipelines");
    }

    /** Where this file is, the JDK makes no cache. */
    Path fails() {
        return folder.resolve("fails");
    }

    /** Who makes a cache behind a command would find the folder gone. */
    void awaitTheBackground() throws InterruptedException {
        await(() -> ProcessHandle.allProcesses().noneMatch(this::isOurs));
    }

    /** Puts a program of a shell's lines before those of the machine. */
    void program(String name, String body) throws IOException {
        Path file = jdk.resolve("bin").resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + body);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    /** Runs a command and returns Java's own call of it. */
    String run(String command, String... variables) throws Exception {
        succeed(start(command, variables));
        return callOf(command);
    }

    /** Java's last call of a command. */
    String callOf(String command) throws IOException {
        return Files.readAllLines(calls).stream()
                .filter(call -> call.endsWith(" " + command))
                .reduce((earlier, later) -> later)
                .orElseThrow();
    }

    /** Begins a command, with variables NAME=VALUE of the environment. */
    Process start(String command, String... variables) throws IOException {
        return command(command, variables).start();
    }

    ProcessBuilder command(String command, String... variables) {
        ProcessBuilder builder = new ProcessBuilder("bash", script.toString());
        builder.command().addAll(List.of(command.split(" ")));
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("FLINK_SIGMOID") || name.startsWith("TORNADO"));
        builder.environment().put("FLINK_SIGMOID_JAVA_HOME", jdk.toString());
        builder.environment()
                .merge("PATH", jdk.resolve("bin").toString(), (path, own) -> own + ":" + path);
        for (String variable : variables) {
            String[] parts = variable.split("=", 2);
            builder.environment().put(parts[0], parts[1]);
        }
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    }

    static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time").isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    static void succeed(Process process) throws InterruptedException {
        assertThat(exitCode(process)).isZero();
    }

    /** Waits for the end. */
    static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** Id of a process that has ended. */
    static long pidOfNobody() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        return gone.pid();
    }

    private boolean isOurs(ProcessHandle process) {
        return process.info().commandLine().orElse("").contains(folder.toString());
    }
}
