package org.flinksigmoid.pipelines.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.pipelines.scoring.ScoringJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Flink's own GPU driver, a plugin as on any cluster, runs a discovery script where a TaskManager
 * starts; engines run on the index that it found.
 */
class GpuResourceITCase {
    private static final Path DIST = Path.of("target", "dist").toAbsolutePath();
    private static final Path FLAGS = Path.of("src", "main", "dist", "conf", "jvm.options");
    private static final int SLOTS = 2;

    @TempDir private Path folder;

    private final Set<String> jobs = new HashSet<>();

    @Test
    void enginesRunOnTheIndexThatFlinksDriverGives() throws Exception {
        assertThat(Path.of(System.getenv("FLINK_PLUGINS_DIR"), "external-resource-gpu"))
                .as("made by mvn verify")
                .isDirectory();
        TinyCheckpoint.text("text-classification").write(folder.resolve("model"));
        discoveryPrints("0");
        try (ClusterProcesses cluster = ClusterProcesses.start(options())) {
            assertThat(run(cluster, OneCard.NAME)).isEqualTo("FINISHED");
            assertThat(asked()).as("one engine for both slots").containsExactly("0");

            discoveryPrints("2,1"); // the lowest counts, and this host has no such card
            replaceTheTaskManager(cluster);
            assertThat(run(cluster, OneCard.NAME)).isEqualTo("FAILED");
            assertThat(asked()).isNotEmpty().containsOnly("1");
            assertThat(failure(cluster))
                    .contains(
                            "device: expected one of 1, counted from 0, found 1"
                                    + " (Flink's external resource gpu gave device 1)");

            // This JVM has no GPU backend, so auto takes the CPU, which has no use for an index.
            assertThat(run(cluster, "auto")).isEqualTo("FINISHED");
            assertThat(asked()).isEmpty();
        }
    }

    private void discoveryPrints(String indices) throws IOException {
        Path script = script();
        Files.writeString(script, "#!/bin/sh\necho " + indices + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
    }

    private Path script() {
        return folder.resolve("discover.sh");
    }

    private ClusterOptions options() throws IOException {
        return new ClusterOptions(
                1,
                SLOTS,
                FreePort.find(),
                folder.resolve("cluster"),
                List.of(
                        "@" + FLAGS.toAbsolutePath(),
                        "-D%s=%s".formatted(OneCard.FILE, folder.resolve("asked"))),
                String.join(
                        ":",
                        DIST + "/lib/*",
                        DIST + "/flink/*",
                        Path.of("target", "test-classes").toAbsolutePath().toString()),
                Map.of(
                        "external-resources",
                        "gpu",
                        "external-resource.gpu.amount",
                        "1",
                        "external-resource.gpu.driver-factory.class",
                        "org.apache.flink.externalresource.gpu.GPUDriverFactory",
                        "external-resource.gpu.param.discovery-script.path",
                        script().toString()));
    }

    /** The devices that engines were asked for since this was called last. */
    private List<String> asked() throws IOException {
        Path file = folder.resolve("asked");
        List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
        Files.deleteIfExists(file);
        return lines;
    }

    /** How a job in both slots ends. */
    private String run(ClusterProcesses cluster, String backend) throws Exception {
        Configuration settings = new Configuration();
        settings.set(CoreOptions.DEFAULT_PARALLELISM, SLOTS);
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        List<String> arguments =
                List.of(
                        "--model",
                        folder.resolve("model").toString(),
                        "--backend",
                        backend,
                        "--output",
                        folder.resolve("out").toString(),
                        "demo/texts.jsonl");
        assertThat(
                        Submission.submit(
                                cluster.address(),
                                ScoringJob.class,
                                settings,
                                Optional.empty(),
                                arguments))
                .isZero();
        for (JsonNode job : cluster.rest().get("/jobs/overview").path("jobs")) {
            if (jobs.add(job.path("jid").asText())) {
                String path = "/jobs/" + job.path("jid").asText();
                return ClusterITCase.await(
                        cluster, path, "/state", Set.of("FINISHED", "FAILED")::contains);
            }
        }
        throw new AssertionError("the job was not submitted");
    }

    private String failure(ClusterProcesses cluster) throws Exception {
        for (String job : jobs) {
            JsonNode failures = cluster.rest().get("/jobs/" + job + "/exceptions");
            JsonNode last = failures.at("/exceptionHistory/entries/0/stacktrace");
            if (!last.isMissingNode()) {
                return last.asText();
            }
        }
        return "";
    }

    private static void replaceTheTaskManager(ClusterProcesses cluster) throws Exception {
        cluster.taskManagers().getFirst().destroyForcibly().waitFor();
        assertThat(cluster.replaceTheDead()).hasSize(1);
    }
}
