package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ScoreCommandITCase {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;

    @Test
    void everyTextHasAScoreAndWhatIsNoTextIsReported() throws IOException {
        String model = model();
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (String text :
                new String[] {"hello", "", "x", "😀😀😀", "\u0001\u0007", "m".repeat(1 << 20)}) {
            lines.write((text + "\n").getBytes(StandardCharsets.UTF_8));
        }
        lines.write(new byte[] {'a', (byte) 0xc3, '\n'});
        lines.write("last".getBytes(StandardCharsets.UTF_8));
        Path file = Files.write(folder.resolve("texts.txt"), lines.toByteArray());

        Cli cli = Cli.run("score", "--model", model, "--json", file.toString());

        assertThat(cli.code()).as(cli.err()).isZero();
        Set<String> ids = new HashSet<>();
        for (String line : cli.out().lines().toList()) {
            JsonNode score = JSON.readTree(line);
            ids.add(score.get("id").asText());
            assertThat(score.get("score").asDouble()).isBetween(0.0, 1.0);
        }
        assertThat(ids).containsExactlyInAnyOrder("1", "2", "3", "4", "5", "6", "8");
        assertThat(cli.err()).containsPattern("left out: .*texts.txt line 7: expected UTF-8");
    }

    @Test
    void anEmbeddingIsPrintedWhereAScoreWouldStand() throws IOException {
        Path model = TinyCheckpoint.text("embedding").write(folder.resolve("embedding"));
        Path file = Files.writeString(folder.resolve("texts.txt"), "hello\n");

        String plain = Cli.run("score", "--model", model.toString(), file.toString()).out();
        String json = Cli.run("score", "--json", "--model", "" + model, "" + file).out();

        JsonNode numbers = new ObjectMapper().readTree(json).get("scores");
        assertThat(numbers).hasSize(16);
        String first = String.format(Locale.ROOT, "%.3f", numbers.get(0).floatValue());
        assertThat(plain)
                .contains("texts.txt 1  [" + first + " ")
                .endsWith(" ...] (all 16 with --json)\n");
    }

    @Test
    void nothingButUnusableLinesIsAFailure() throws IOException {
        String model = model();
        Path file = Files.write(folder.resolve("texts.txt"), new byte[] {'a', (byte) 0xc3, '\n'});

        Cli cli = Cli.run("score", "--model", model, file.toString());

        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err()).endsWith("No result: nothing that came in could be used.\n");
    }

    @Test
    void aTextThatCantBeScoredFailsTheJobWhereThatIsAskedFor() throws IOException {
        String line = "hello ".repeat(10_000) + "\n"; // a tenth of a second a call
        Path file = Files.writeString(folder.resolve("texts.txt"), line.repeat(4));
        List<String> arguments = new ArrayList<>(List.of("score", "--model", "langid"));
        arguments.addAll(List.of("--backend", "scalar", "" + file));
        arguments.add("-Dinference.max-batch-size=1");
        arguments.add("-Dinference.timeout=1ms");
        arguments.add("-Dinference.retry.max-attempts=1");

        Cli reported = Cli.run(arguments.toArray(String[]::new));
        arguments.add("-Dinference.on-failure=fail");
        Cli failed = Cli.run(arguments.toArray(String[]::new));

        assertThat(reported.err()).contains("left out: ").contains("did not finish within");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err())
                .startsWith("flink-sigmoid: score: encoder (1/1)#0: a batch of 1 ")
                .doesNotContain("left out");
    }

    @Test
    void resultsThatNobodyTakesEndTheCommandWithAFailure() throws IOException {
        Path file = Files.writeString(folder.resolve("texts.txt"), "hello\n".repeat(10));
        Cli cli = Cli.run(closed(), "score", "--model", model(), "--loop", "--json", "" + file);
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains("standard output: expected").contains("found it closed");
    }

    /** As standard output is behind {@code flink-sigmoid ... | head -1}. */
    private static Writer closed() {
        return new Writer() {
            @Override
            public void write(char[] characters, int offset, int length) throws IOException {
                throw new IOException("Broken pipe");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    @Test
    void aFileThatIsNamedTwiceIsTwoStreams() throws IOException {
        String model = model();
        Path file = Files.writeString(folder.resolve("texts.txt"), "hello\nworld\n");
        Cli cli = Cli.run("score", "--model", model, "--json", "" + file, "" + file);
        assertThat(cli.code()).as(cli.err()).isZero();
        Set<String> ids = new HashSet<>();
        for (String line : cli.out().lines().toList()) {
            JsonNode score = JSON.readTree(line);
            ids.add(score.get("key").asText() + " " + score.get("id").asText());
        }
        assertThat(ids).hasSize(4).contains(file + " 1", file + " (2) 1");
    }

    @Test
    void aJobThatMayNotRunAtAllIsRefused() throws IOException {
        Cli cli = Cli.run("score", "--model", model(), "--run-for=0", "-");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("'--run-for': expected 1 to 2147483647, found 0");
    }

    @Test
    void aJobThatEndsAfterAGivenTimeCompletesItsFiles() throws IOException {
        Path file = Files.writeString(folder.resolve("texts.txt"), "hello\n".repeat(10));
        Path output = folder.resolve("out");
        Cli cli = null;
        // On a busy machine the time may be over before the first line was read.
        for (int seconds = 1; seconds <= 100 && (cli == null || cli.code() != 0); seconds *= 10) {
            cli =
                    Cli.run(
                            "score",
                            "--model",
                            model(),
                            "--loop",
                            "--run-for=" + seconds,
                            "--output=" + output,
                            file.toString());
        }
        assertThat(cli.code()).as(cli.err()).isZero();
        try (Stream<Path> files = Files.walk(output)) {
            assertThat(files.filter(Files::isRegularFile))
                    .isNotEmpty()
                    .allSatisfy(part -> assertThat(part.toString()).endsWith(".jsonl"));
        }
    }

    @Test
    void theLastSessionOfASocketThatFallsSilentBeforeItsEndIsScored() throws Exception {
        Path file = Files.writeString(folder.resolve("texts.txt"), "hello\n");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "tcp://127.0.0.1:" + server.getLocalPort();
            Thread.ofPlatform().daemon().start(() -> pauseAndSay(server));
            String session = "--sessions=5min";
            Cli cli =
                    Cli.run(
                            "score",
                            "--model",
                            model(),
                            "--parallelism=2",
                            session,
                            address,
                            file.toString());
            assertThat(cli.code()).as(cli.err()).isZero();
            assertThat(cli.err()).doesNotContain("left out");
            assertThat(cli.out()).contains(address + " 2 ").contains(file + " 1 ");
        }
    }

    /** Long pauses before and after a line, behind which the other input has ended. */
    private static void pauseAndSay(ServerSocket server) {
        try (Socket socket = server.accept()) {
            for (int line = 0; line < 2; line++) {
                Thread.sleep(4000);
                socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
            }
            Thread.sleep(4000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aFolderIsNoFileOfLinesAndSaidToBeOne() throws IOException {
        Cli cli = Cli.run("score", "--model", model(), folder.toString());
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains(folder + ": expected a file of lines").contains("a folder");
    }

    @Test
    void whereNoTemporaryFolderCanBeMadeItIsSaidWithoutAStackTrace() throws Exception {
        Path nowhere = folder.resolve("nowhere");
        assertThat(failure(new File("/dev/null"), "-Djava.io.tmpdir=" + nowhere))
                .contains("flink-sigmoid: java.io.tmpdir: expected a folder that we may write to")
                .contains("found " + nowhere + ": make it one, or name another")
                .doesNotContain("\tat ");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskBehindStandardOutputIsAFailure() throws Exception {
        assertThat(failure(new File("/dev/full"), "-Dnothing=1"))
                .contains("flink-sigmoid: standard output: expected")
                .doesNotContain("\tat ");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatStandardOutputGoesToIsNotRead() throws Exception {
        assertThat(failure(folder.resolve("texts.txt").toFile(), "-Dnothing=1"))
                .contains("texts.txt: expected a file of lines, found that standard output goes");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aFullDiskBehindFilesOfResultsIsAFailureThatNamesTheFolder() throws Exception {
        String line = "{\"text\": \"a\", \"key\": \"%s\"}\n".formatted("k".repeat(1 << 20));
        Path lines = Files.writeString(folder.resolve("lines.jsonl"), line.repeat(40));
        String output = folder.resolve("out").toString();
        // No file may grow beyond 32 MB, as a stand-in for a disk.
        List<String> full = List.of("sh", "-c", "ulimit -f 65536; exec \"$@\"", "sh");
        assertThat(
                        failure(
                                full,
                                new File("/dev/null"),
                                "-Dnothing=1",
                                "--output=" + output,
                                lines.toString()))
                .contains("flink-sigmoid: %s/scores: expected to write".formatted(output))
                .contains("found File too large: make room")
                .doesNotContain("\tat ");
    }

    @Test
    void aFileWhereResultsShouldBeWrittenIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("texts.txt"), "hello\n");
        Cli cli = Cli.run("score", "--model", model(), "--output=" + file, file.toString());
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err())
                .contains("%s/scores: expected a folder for results".formatted(file))
                .contains("found a file %s: name another".formatted(file));
    }

    @Test
    void whatIsNotUsedOfACheckpointIsSaidOnce() throws Exception {
        Path config = Path.of(model()).resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceFirst("\\{", "{\"colour\": 1,"));
        String conf = Path.of("src", "main", "dist", "conf", "log4j2.properties").toString();
        String said = failure(new File("/dev/full"), "-Dlog4j2.configurationFile=" + conf);
        assertThat(said).containsOnlyOnce("1 keys of config.json are not used: colour");
    }

    /** What the command says, as a process of its own, on its way to exit code 1. */
    private String failure(File out, String option) throws Exception {
        return failure(List.of(), out, option);
    }

    private String failure(List<String> before, File out, String option, String... arguments)
            throws Exception {
        Path file = Files.writeString(folder.resolve("texts.txt"), "hello\n");
        Path err = folder.resolve("err");
        List<String> command = new ArrayList<>(before);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules=jdk.incubator.vector",
                        option,
                        "-cp",
                        System.getProperty("java.class.path"),
                        FlinkSigmoid.class.getName(),
                        "score",
                        "--loop",
                        "--model",
                        model(),
                        file.toString()));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command).redirectError(err.toFile()).redirectOutput(out).start();
        boolean ended = process.waitFor(10, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended).as(Files.readString(err)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        return Files.readString(err);
    }

    @Test
    void whatComesFromOutsideIsPrintedOnOneLineAndNotObeyed() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("texts.jsonl"),
                        """
                        {"text": "a", "key": "k\\u001b[2J", "id": "1  yes 1.000\\nk 2"}
                        """);
        Cli cli = Cli.run("score", "--model", model(), file.toString());
        assertThat(cli.out().lines()).hasSize(1);
        assertThat(cli.out()).startsWith("k\\u001b[2J 1  yes 1.000\\u000ak 2  ");
    }

    @Test
    void linesAreJoinedToSessionsAndScoredFromTheirBeginnings() throws IOException {
        String model = model();
        Path file =
                Files.writeString(
                        folder.resolve("chats.jsonl"),
                        """
                        {"key": "ann", "text": "hello"}
                        {"key": "bob", "text": "a"}
                        {"key": "ann", "text": "again"}
                        """);

        assertThat(characters(model, file, "--sessions", "5min"))
                .containsExactlyInAnyOrder("ann 11", "bob 1");
        assertThat(characters(model, file, "--sliding", "60s", "--growing", "--prefixes", "4,8"))
                .containsExactlyInAnyOrder("ann 4", "ann 5", "bob 1", "ann 4", "ann 8", "ann 11");
        for (String pause : List.of("-5min", "99999999999999d")) {
            Cli bad = Cli.run("score", "--model", model, "--sessions=" + pause, "" + file);
            assertThat(bad.err()).contains("--sessions: expected a duration").contains(pause);
        }
        Cli both = Cli.run("score", "--model", model, "--sessions=1s", "--sliding=1s", "" + file);
        assertThat(both.code()).isNotZero();
        assertThat(both.err()).contains("--sessions or --sliding, found both");
    }

    /** Key and length of what was scored. */
    private static List<String> characters(String model, Path file, String... options)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of("score", "--model", model, "--json"));
        arguments.addAll(List.of(options));
        arguments.add(file.toString());
        Cli cli = Cli.run(arguments.toArray(String[]::new));
        assertThat(cli.code()).as(cli.err()).isZero();
        List<String> found = new ArrayList<>();
        for (String line : cli.out().lines().toList()) {
            JsonNode score = JSON.readTree(line);
            found.add(score.get("key").asText() + " " + score.get("characters").asInt());
        }
        return found;
    }

    @Test
    void aSpeechModelIsRefusedBeforeTheJobRuns() throws IOException {
        String model = TinyCheckpoint.speech().write(folder.resolve("model")).toString();
        Path file = Files.writeString(folder.resolve("texts.txt"), "hello\n");
        Cli cli = Cli.run("score", "--model", model, file.toString());
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains("task").contains("expected");
    }

    private String model() throws IOException {
        Path model = folder.resolve("model");
        if (!Files.exists(model)) {
            TinyCheckpoint.text("text-classification").write(model);
        }
        return model.toString();
    }
}
