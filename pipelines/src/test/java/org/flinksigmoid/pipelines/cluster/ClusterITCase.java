package org.flinksigmoid.pipelines.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.flinksigmoid.pipelines.asr.AsrJob;
import org.flinksigmoid.pipelines.scoring.ScoringJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jobs' mains on a cluster of processes, from the jars that the build has gathered. */
class ClusterITCase {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Path DIST = Path.of("target", "dist").toAbsolutePath();
    private static final Path FLAGS = Path.of("src", "main", "dist", "conf", "jvm.options");

    private static final List<String> SPEECH =
            List.of("--model", "models/digits-ctc", "--final-only", "demo/audio");
    private static final List<String> TEXTS =
            List.of("--model", "models/langid", "demo/texts.jsonl");

    /** Long enough that a busy machine, too, kills in mid-job. */
    private static final String SLOW_SPEECH = "--at-once=1";

    private static final String SLOW_TEXTS = "--per-second=1";

    @TempDir private Path folder;

    @Test
    void aTaskManagerKilledInMidJobLosesAndDoublesNothing() throws Exception {
        ClusterOptions options =
                new ClusterOptions(
                        2,
                        2,
                        freePort(),
                        folder.resolve("cluster"),
                        List.of("@" + FLAGS.toAbsolutePath()),
                        DIST + "/lib/*:" + DIST + "/flink/*",
                        Map.of());
        try (ClusterProcesses cluster = ClusterProcesses.start(options)) {
            String speech = run(cluster, AsrJob.class, with(SPEECH, "disturbed", SLOW_SPEECH));
            String texts = run(cluster, ScoringJob.class, with(TEXTS, "disturbed", SLOW_TEXTS));
            kill(cluster, List.of(speech, texts));
            cluster.close();
            assertThat(cluster.replaceTheDead()).isZero();
            assertThat(cluster.taskManagers()).isNotEmpty().noneMatch(Process::isAlive);
        }
        AsrJob.main(with(SPEECH, "undisturbed", "--fast").toArray(String[]::new));
        ScoringJob.main(with(TEXTS, "undisturbed").toArray(String[]::new));
        for (String results : List.of("transcripts", "scores")) {
            assertThat(lines("disturbed", results))
                    .isNotEmpty()
                    .isEqualTo(lines("undisturbed", results));
        }
    }

    /** Submits a job that needs both TaskManagers, and gives its path. */
    private String run(ClusterProcesses cluster, Class<?> main, List<String> arguments)
            throws Exception {
        Set<String> before = jobs(cluster);
        Configuration settings = new Configuration();
        settings.set(CoreOptions.DEFAULT_PARALLELISM, 2);
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(500));
        assertThat(Submission.submit(cluster.address(), main, settings, arguments)).isZero();
        Set<String> after = jobs(cluster);
        after.removeAll(before);
        assertThat(after).hasSize(1);
        String job = "/jobs/" + after.iterator().next();
        JsonNode checkpointing = cluster.rest().get(job + "/checkpoints/config");
        assertThat(checkpointing.path("unaligned_checkpoints").asBoolean()).isTrue();
        assertThat(checkpointing.path("aligned_checkpoint_timeout").asInt()).isEqualTo(200);
        return job;
    }

    private static Set<String> jobs(ClusterProcesses cluster) throws Exception {
        JsonNode jobs = cluster.rest().get("/jobs/overview").path("jobs");
        return jobs.valueStream().map(job -> job.path("jid").asText()).collect(Collectors.toSet());
    }

    /** Kills a TaskManager under jobs that need it, behind a checkpoint of each. */
    private void kill(ClusterProcesses cluster, List<String> jobs) throws Exception {
        for (String job : jobs) {
            await(cluster, job + "/checkpoints", "/counts/completed", count -> !count.equals("0"));
        }
        for (String job : jobs) {
            assertThat(cluster.rest().get(job).path("state").asText()).isEqualTo("RUNNING");
        }
        cluster.taskManagers().getFirst().destroyForcibly().waitFor();
        assertThat(cluster.replaceTheDead()).isEqualTo(1);
        for (String job : jobs) {
            await(cluster, job, "/state", "FINISHED"::equals);
            assertThat(cluster.rest().get(job + "/checkpoints").at("/counts/restored").asInt())
                    .as("restored from a checkpoint")
                    .isPositive();
        }
    }

    static String await(
            ClusterProcesses cluster, String path, String pointer, Predicate<String> wanted)
            throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String found;
        do {
            Thread.sleep(50);
            found = cluster.rest().get(path).at(pointer).asText();
            assertThat(System.nanoTime()).as("%s is %s", path, found).isLessThan(deadline);
        } while (!wanted.test(found));
        return found;
    }

    private List<String> with(List<String> arguments, String output, String... more) {
        List<String> all = new ArrayList<>(List.of("--output", folder.resolve(output).toString()));
        all.addAll(List.of(more));
        all.addAll(arguments);
        return all;
    }

    /** Every line of the complete files, but for wall-clock times, sorted. */
    private List<String> lines(String run, String results) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder.resolve(run).resolve(results))) {
            for (Path file : files.filter(ClusterITCase::isComplete).toList()) {
                for (String line : Files.readAllLines(file)) {
                    ObjectNode object = (ObjectNode) JSON.readTree(line);
                    object.remove(List.of("stream_start_ms", "timestamp", "scores", "score"));
                    lines.add(object.toString());
                }
            }
        }
        return lines.stream().sorted().toList();
    }

    private static boolean isComplete(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith("part-") && name.endsWith(".jsonl");
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
