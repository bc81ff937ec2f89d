package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Commands as processes of their own, which are told to end. */
@DisabledOnOs(OS.WINDOWS)
class GracefulEndITCase {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int TERMINATED = 128 + 15;

    /** Of a pipe's 64 KB: as full as it gets, but for a line. */
    private static final int FULL = 60_000;

    @TempDir private Path folder;
    private Process process;

    @AfterEach
    void end() throws Exception {
        process.destroyForcibly().waitFor();
    }

    @Test
    void filesOfResultsAreCompleted() throws Exception {
        Path output = folder.resolve("out");
        process = builder(score("--per-second=100", "--output=" + output)).start();
        await(() -> Files.exists(output) && !files(output).isEmpty());

        signal();

        assertThat(exitCode()).isEqualTo(TERMINATED);
        assertThat(files(output))
                .isNotEmpty()
                .allSatisfy(
                        file ->
                                assertThat(file.getFileName().toString())
                                        .doesNotStartWith(".")
                                        .endsWith(".jsonl"));
        List<Integer> ids = new ArrayList<>();
        for (Path file : files(output)) {
            for (String line : Files.readAllLines(file)) {
                ids.add(JSON.readTree(line).get("id").asInt());
            }
        }
        assertThat(ids)
                .isNotEmpty()
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, ids.size()).boxed().toList());
    }

    @Test
    void whatIsBeingSaidGetsItsFinalTranscript() throws Exception {
        Path out = folder.resolve("said");
        Path recording = Path.of("demo", "audio", "flite-rms.wav");
        String model = Path.of("models", "digits-ctc").toString();
        List<String> asr =
                List.of("asr", "--json", "--loop", "--at-once=1", "--model", model, "" + recording);
        process = builder(asr).redirectOutput(out.toFile()).start();
        await(() -> Files.readString(out).contains("\n"));

        signal();

        assertThat(exitCode()).isEqualTo(TERMINATED);
        assertThat(Files.readString(out)).endsWith("\n");
        JsonNode last = JSON.readTree(Files.readAllLines(out).getLast());
        assertThat(last.get("final").asBoolean()).as(last.toString()).isTrue();
    }

    @Test
    void aSecondSignalEndsAtOnce() throws Exception {
        startWithoutReader();

        signal();
        await(() -> said().contains("SIGTERM: ending with what has been read"));
        signal();

        assertThat(exitCode()).isEqualTo(TERMINATED);
        assertThat(said()).doesNotContain("has not ended");
    }

    @Test
    void aJobThatDoesNotEndIsEnded() throws Exception {
        startWithoutReader();

        signal();

        assertThat(exitCode()).isEqualTo(TERMINATED);
        assertThat(said()).contains("The job has not ended by now: its last results are lost.");
    }

    /** A job that can't end, as nobody takes its results. */
    private void startWithoutReader() throws Exception {
        process = builder(score("--loop", "--json")).start();
        await(() -> process.getInputStream().available() > FULL);
    }

    private List<String> score(String... options) throws IOException {
        Path model = TinyCheckpoint.text("text-classification").write(folder.resolve("model"));
        Path lines = Files.writeString(folder.resolve("lines.txt"), "hello\n".repeat(100_000));
        List<String> arguments = new ArrayList<>(List.of("score", "--model", "" + model));
        arguments.addAll(List.of(options));
        arguments.add(lines.toString());
        return arguments;
    }

    private ProcessBuilder builder(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@src/main/dist/conf/jvm.options");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(FlinkSigmoid.class.getName());
        command.addAll(arguments);
        return new ProcessBuilder(command).redirectError(folder.resolve("err").toFile());
    }

    private void signal() {
        process.toHandle().destroy(); // the process's own destroy() closes its pipes, too
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve("err"));
    }

    private int exitCode() throws Exception {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(said()).isTrue();
        return process.exitValue();
    }

    private void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds(condition)) {
            assertThat(process.isAlive()).as(said()).isTrue();
            assertThat(System.nanoTime()).as(said()).isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    private static boolean holds(Callable<Boolean> condition) throws Exception {
        try {
            return condition.call();
        } catch (UncheckedIOException e) {
            return false; // a file got another name while we looked
        }
    }

    private static List<Path> files(Path output) throws IOException {
        try (Stream<Path> all = Files.walk(output)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
