package org.flinksigmoid.pipelines.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.flinksigmoid.pipelines.asr.AsrJob;
import org.flinksigmoid.pipelines.scoring.ScoringJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The jobs' mains on a cluster of processes, from the jars that the build has gathered. */
class ClusterITCase {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Path DIST = Path.of("target", "dist").toAbsolutePath();
    private static final Path FLAGS = Path.of("src", "main", "dist", "conf", "jvm.options");

    private static final List<String> SPEECH =
            List.of("--model", "models/digits-ctc", "--final-only");
    private static final List<String> TEXTS =
            List.of("--model", "models/langid", "demo/texts.jsonl");

    @TempDir private Path folder;

    @Test
    void aTaskManagerKilledInMidJobLosesAndDoublesNothing() throws Exception {
        int times = 1;
        try (ClusterProcesses cluster = ClusterProcesses.start(options(2, 2, Map.of()))) {
            // On a busy machine short jobs may have ended before we kill.
            while (!disturb(cluster, times)) {
                times *= 4;
                assertThat(times).as("jobs longer than this one").isLessThanOrEqualTo(16);
            }
            killBeforeTheyAreKnown(cluster);
            halt(cluster.taskManagers().getFirst());
            cluster.close();
            assertThat(temporary()).isEmpty();
            assertThat(cluster.replaceTheDead()).isEmpty();
            assertThat(cluster.taskManagers()).isNotEmpty().noneMatch(Process::isAlive);
        }
        AsrJob.main(speech("undisturbed", times, "--fast").toArray(String[]::new));
        ScoringJob.main(with(TEXTS, "undisturbed").toArray(String[]::new));
        for (String results : List.of("transcripts", "scores")) {
            assertThat(lines("disturbed" + times, results))
                    .isNotEmpty()
                    .isEqualTo(lines("undisturbed", results));
        }
    }

    /** It lived on, and nothing in it: no JobManager knew it, and nobody replaced it. */
    @Test
    void aTaskManagerWithoutHeapEndsAndIsReplaced() throws Exception {
        Map<String, String> small =
                Map.of(
                        "taskmanager.memory.process.size", "760m",
                        "taskmanager.memory.framework.heap.size", "20m",
                        "taskmanager.memory.task.heap.size", "16m",
                        "taskmanager.memory.network.min", "40m",
                        "taskmanager.memory.network.max", "40m");
        try (ClusterProcesses cluster = ClusterProcesses.start(options(1, 1, small))) {
            Configuration settings = new Configuration();
            List<String> arguments = speech("heap", 4, "--fast");
            assertThat(
                            Submission.submit(
                                    cluster.address(),
                                    AsrJob.class,
                                    settings,
                                    Optional.empty(),
                                    arguments))
                    .isZero();
            cluster.taskManagers().getFirst().onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(cluster.replaceTheDead())
                    .singleElement()
                    .asString()
                    .contains("java.lang.OutOfMemoryError: Java heap space; its log is ");
        }
    }

    private ClusterOptions options(int taskManagers, int slots, Map<String, String> settings)
            throws IOException {
        return new ClusterOptions(
                taskManagers,
                slots,
                FreePort.find(),
                folder.resolve("cluster"),
                List.of("@" + FLAGS.toAbsolutePath()),
                DIST + "/lib/*:" + DIST + "/flink/*",
                settings);
    }

    /** As where a JobManager that answers late knows none before it dies: it ended the cluster. */
    private static void killBeforeTheyAreKnown(ClusterProcesses cluster) throws Exception {
        for (int i = 0; i < 4 && !OS.WINDOWS.isCurrentOs(); i++) {
            cluster.taskManagers().getLast().destroyForcibly().waitFor();
            assertThat(cluster.replaceTheDead()).hasSize(1);
        }
    }

    /** A process in this state does not end because it is asked to. */
    private static void halt(Process process) throws Exception {
        if (!OS.WINDOWS.isCurrentOs()) {
            String pid = Long.toString(process.pid());
            assertThat(new ProcessBuilder("kill", "-STOP", pid).start().waitFor()).isZero();
        }
    }

    /**
     * Runs the jobs, so many times as long as they would be, and kills a TaskManager under them.
     *
     * @return whether that was in mid-job, of both
     */
    private boolean disturb(ClusterProcesses cluster, int times) throws Exception {
        String output = "disturbed" + times;
        String pace = "--per-second=" + 1.0 / times;
        String speech = run(cluster, AsrJob.class, speech(output, times, "--at-once=1"));
        String texts = run(cluster, ScoringJob.class, with(TEXTS, output, pace));
        return kill(cluster, List.of(speech, texts));
    }

    private List<String> speech(String output, int times, String pace) {
        List<String> all = with(SPEECH, output, pace);
        all.addAll(Collections.nCopies(times, "demo/audio"));
        return all;
    }

    /** Submits a job that needs both TaskManagers, and gives its path. */
    private String run(ClusterProcesses cluster, Class<?> main, List<String> arguments)
            throws Exception {
        Set<String> before = jobs(cluster);
        Configuration settings = new Configuration();
        settings.set(CoreOptions.DEFAULT_PARALLELISM, 2);
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(500));
        assertThat(
                        Submission.submit(
                                cluster.address(), main, settings, Optional.empty(), arguments))
                .isZero();
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

    /**
     * Kills a TaskManager under jobs that need it, behind a checkpoint of each.
     *
     * @return whether all went on from a checkpoint, none had ended before
     */
    private boolean kill(ClusterProcesses cluster, List<String> jobs) throws Exception {
        for (String job : jobs) {
            await(cluster, job + "/checkpoints", "/counts/completed", count -> !count.equals("0"));
        }
        cluster.taskManagers().getFirst().destroyForcibly().waitFor();
        Set<Path> left = temporary();
        List<String> dead = cluster.replaceTheDead();
        assertThat(dead).hasSize(1);
        if (!OS.WINDOWS.isCurrentOs()) {
            assertThat(dead.getFirst()).startsWith("signal 9; its log is ");
        }
        assertThat(left).as("of a JobManager and two TaskManagers").hasSize(3);
        left.removeAll(temporary());
        assertThat(left).as("would fill the disk in a bad night").hasSize(1);
        boolean all = true;
        for (String job : jobs) {
            await(cluster, job, "/state", "FINISHED"::equals);
            JsonNode checkpoints = cluster.rest().get(job + "/checkpoints");
            all &= checkpoints.at("/counts/restored").asInt() > 0;
        }
        return all;
    }

    /** Folders of temporary files, one a process. */
    private Set<Path> temporary() throws IOException {
        try (Stream<Path> all = Files.list(folder.resolve("cluster/tmp"))) {
            return all.filter(each -> each.getFileName().toString().contains("manager"))
                    .collect(Collectors.toCollection(HashSet::new));
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
}
