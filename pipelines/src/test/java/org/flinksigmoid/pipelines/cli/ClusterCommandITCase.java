package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flinksigmoid.pipelines.cluster.FreePort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own, from the jars that the build has gathered. */
class ClusterCommandITCase {
    private static final Path DIST = Path.of("target", "dist").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(6);

    @TempDir private Path folder;
    private Process command;

    @AfterEach
    void end() throws Exception {
        List<ProcessHandle> children = command.children().toList();
        command.destroyForcibly().waitFor();
        children.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void noProcessOutlivesACommandThatIsKilledAndNoOtherTakesItsFolder() throws Exception {
        command = builder().start();
        await("Cluster at ");
        List<ProcessHandle> children = command.children().toList();
        assertThat(children).as("a JobManager and two TaskManagers").hasSize(3);
        Cli another = Cli.run("cluster", "--port=" + FreePort.find(), "--folder=" + cluster());
        assertThat(another.code()).isEqualTo(1);
        assertThat(another.err())
                .contains("folder %s: expected one that no other".formatted(cluster()));
        assertThat(cluster().resolve("tmp/taskmanager-1")).isNotEmptyDirectory();
        command.destroyForcibly().waitFor();
        for (ProcessHandle child : children) {
            child.onExit().get(3, TimeUnit.MINUTES);
        }
        assertThat(cluster().resolve("jobmanager.log"))
                .content()
                .contains("The process that started this one has ended, so does this one.");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aFullDiskIsSaidWithTheFolder() throws Exception {
        ProcessBuilder builder = builder();
        // No file may have a byte, as a stand-in for a full disk.
        builder.command().addAll(0, List.of("sh", "-c", "ulimit -f 0; exec \"$@\"", "sh"));
        command = builder.redirectOutput(ProcessBuilder.Redirect.PIPE).start();
        assertThat(new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains(
                        "flink-sigmoid: %s: expected to write configuration and logs there"
                                .formatted(cluster()))
                .doesNotContain("\tat ");
        assertThat(command.waitFor()).isEqualTo(1);
    }

    @Test
    void aTaskManagerThatCannotStartIsNotReplacedForEver() throws Exception {
        command = builder().start();
        await("Cluster at ");
        Files.delete(cluster().resolve("conf/config.yaml"));
        ProcessHandle taskManager =
                command.children()
                        .max(
                                Comparator.comparing(
                                        ProcessHandle::pid)) // the JobManager is the first
                        .orElseThrow();
        taskManager.destroyForcibly();

        assertThat(command.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

        assertThat(command.exitValue()).isEqualTo(1);
        assertThat(Files.readString(said()))
                .contains("expected a TaskManager that starts, found that 3 in a row ended: ")
                .contains("config.yaml")
                .contains("its log is " + cluster().resolve("taskmanager-5.log"));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theHeapOfTheJobManagerIsAsSetAndWhyItHasEndedIsSaid() throws Exception {
        ProcessBuilder builder = builder();
        builder.command().add("-Djobmanager.memory.heap.size=300m");
        command = builder.start();
        await("Cluster at ");
        ProcessHandle jobManager =
                command.children().min(Comparator.comparing(ProcessHandle::pid)).orElseThrow();
        assertThat(jobManager.info().commandLine().orElse("-Xmx314572800"))
                .contains("-Xmx314572800");
        jobManager.destroyForcibly();

        assertThat(command.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

        assertThat(command.exitValue()).isEqualTo(1);
        assertThat(Files.readString(said()))
                .contains("the JobManager has ended: signal 9; its log is " + cluster());
    }

    private ProcessBuilder builder() throws IOException {
        List<String> words =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@src/main/dist/conf/jvm.options",
                        "-XX:-UsePerfData",
                        "-cp",
                        DIST + "/lib/*:" + DIST + "/flink/*",
                        FlinkSigmoid.class.getName(),
                        "cluster",
                        "--port=" + FreePort.find(),
                        "--folder=" + cluster());
        return new ProcessBuilder(new ArrayList<>(words))
                .redirectErrorStream(true)
                .redirectOutput(said().toFile());
    }

    private void await(String wanted) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.readString(said()).contains(wanted)) {
            assertThat(command.isAlive()).as(Files.readString(said())).isTrue();
            assertThat(System.nanoTime()).as(Files.readString(said())).isLessThan(deadline);
            Thread.sleep(100);
        }
    }

    private Path cluster() {
        return folder.resolve("cluster");
    }

    private Path said() {
        return folder.resolve("said");
    }
}
