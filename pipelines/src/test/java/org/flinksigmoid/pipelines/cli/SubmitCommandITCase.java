package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.flinksigmoid.pipelines.Mount;
import org.flinksigmoid.pipelines.cluster.ClusterOptions;
import org.flinksigmoid.pipelines.cluster.ClusterProcesses;
import org.flinksigmoid.pipelines.cluster.FreePort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that the command submits to a cluster of processes. */
class SubmitCommandITCase {
    private static final Path DIST = Path.of("target", "dist").toAbsolutePath();
    private static final Path FLAGS = Path.of("src", "main", "dist", "conf", "jvm.options");
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int LINES = 120;

    @TempDir private Path folder;
    private ClusterProcesses cluster;

    @Test
    void aJobGoesOnFromTheCheckpointThatACanceledOneLeaves() throws Exception {
        try (ClusterProcesses started = ClusterProcesses.start(options())) {
            cluster = started;
            String first = job(submit(List.of(), score("--per-second=2")));
            awaitLines();
            cancel(first);
            await("/jobs/" + first, "/state", "CANCELED"::equals);
            Path checkpoints = folder.resolve("cluster/checkpoints").resolve(first);
            assertThat(scored()).hasSizeLessThan(LINES);

            List<String> asr =
                    List.of("asr", "--model=models/digits-ctc", "--output=" + folder, "demo/audio");
            assertThat(submit(List.of("--from-savepoint=" + newest(checkpoints)), asr))
                    .contains(
                            "AsrJob: not submitted: ",
                            newest(checkpoints) + ": expected state of this job, found")
                    .hasLineCount(1);

            String second =
                    job(
                            submit(
                                    List.of("--from-savepoint=" + newest(checkpoints)),
                                    score("--per-second=50")));
            await("/jobs/" + second, "/state", "FINISHED"::equals);
            assertThat(scored()).doesNotHaveDuplicates().hasSize(LINES);
            assertThat(folder.resolve("cluster/checkpoints").resolve(second))
                    .isDirectoryNotContaining("glob:**chk-*");
        }
    }

    /** Half a second each time: a full disk got a thousand empty files in minutes. */
    @Test
    void aJobThatFailsAgainAndAgainIsRestartedLaterAndLater() throws Exception {
        try (ClusterProcesses started = ClusterProcesses.start(options())) {
            cluster = started;
            Path scores = folder.resolve("out/scores");
            Path disk = Files.createDirectory(folder.resolve("disk"));
            Files.createDirectory(folder.resolve("out"));
            Mount.let(scores, disk);
            String job = job(submit(List.of(), score("--per-second=5")));
            awaitLines();
            Mount.let(scores, Files.writeString(folder.resolve("file"), "no folder"));
            await(
                    "/jobs/" + job + "/exceptions",
                    "/exceptionHistory/entries/4/timestamp",
                    fifth -> !fifth.isEmpty());
            JsonNode failures =
                    cluster.rest()
                            .get("/jobs/" + job + "/exceptions")
                            .at("/exceptionHistory/entries"); // the newest first
            assertThat(millis(failures, 0) - millis(failures, 1))
                    .isGreaterThan(3000)
                    .isGreaterThan(millis(failures, 3) - millis(failures, 4));
            Mount.let(scores, disk);
            await("/jobs/" + job, "/state", "FINISHED"::equals);
            assertThat(scored()).doesNotHaveDuplicates().hasSize(LINES);
        }
    }

    private static long millis(JsonNode failures, int index) {
        return failures.path(index).path("timestamp").asLong();
    }

    /** A job of one line for each text, so many of them a second. */
    private List<String> score(String pace) throws IOException {
        Path texts = folder.resolve("texts.txt");
        Files.write(
                texts, Stream.iterate(1, n -> n + 1).limit(LINES).map(n -> "text " + n).toList());
        return List.of(
                "score",
                "--model=models/spam",
                pace,
                "--output=" + folder.resolve("out"),
                texts.toString());
    }

    private void awaitLines() throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!hasLines()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    private ClusterOptions options() throws IOException {
        return new ClusterOptions(
                1,
                1,
                FreePort.find(),
                folder.resolve("cluster"),
                List.of("@" + FLAGS.toAbsolutePath()),
                DIST + "/lib/*:" + DIST + "/flink/*",
                Map.of());
    }

    /** What the command, and Flink's client, say. */
    private String submit(List<String> options, List<String> job) {
        List<String> words =
                new ArrayList<>(List.of("cluster", "submit", "--checkpoint-seconds=1"));
        words.add("--to=" + cluster.address());
        words.addAll(options);
        words.addAll(job);
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(said, true, StandardCharsets.UTF_8);
        System.setOut(both);
        System.setErr(both);
        try {
            Cli cli = Cli.run(words.toArray(String[]::new));
            return cli.err() + said.toString(StandardCharsets.UTF_8);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private boolean hasLines() {
        try {
            return !scored().isEmpty();
        } catch (IOException | UncheckedIOException e) {
            return false; // a file got another name while we looked
        }
    }

    private static String job(String said) {
        Matcher id = Pattern.compile("JobID (\\w+)").matcher(said);
        assertThat(id.find()).as(said).isTrue();
        return id.group(1);
    }

    private void cancel(String job) throws Exception {
        URI uri = cluster.address().resolve("/jobs/" + job);
        HttpRequest patch =
                HttpRequest.newBuilder(uri)
                        .method("PATCH", HttpRequest.BodyPublishers.noBody())
                        .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            client.send(patch, HttpResponse.BodyHandlers.discarding());
        }
    }

    private void await(String path, String pointer, Predicate<String> wanted) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        JsonNode found;
        do {
            Thread.sleep(50);
            found = cluster.rest().get(path);
            assertThat(System.nanoTime()).as("%s: %s", path, found).isLessThan(deadline);
        } while (!wanted.test(found.at(pointer).asText()));
    }

    private static Path newest(Path checkpoints) throws IOException {
        try (Stream<Path> all = Files.list(checkpoints)) {
            return all.filter(each -> each.getFileName().toString().startsWith("chk-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Lines of complete files. */
    private List<String> scored() throws IOException {
        List<String> lines = new ArrayList<>();
        Path scores = folder.resolve("out/scores");
        if (!Files.exists(scores)) {
            return lines;
        }
        try (Stream<Path> files = Files.walk(scores, FileVisitOption.FOLLOW_LINKS)) {
            for (Path file :
                    files.filter(each -> each.getFileName().toString().matches("part-.*\\.jsonl"))
                            .toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }
}
