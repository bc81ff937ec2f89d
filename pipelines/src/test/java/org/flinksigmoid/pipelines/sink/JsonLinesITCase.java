package org.flinksigmoid.pipelines.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.pipelines.Failures;
import org.flinksigmoid.pipelines.Mount;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Under a Flink that starts a failed job again for ever. */
@Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JsonLinesITCase {
    private static final int RECORDS = 2000;

    /** Shared with the job's tasks, which run in this JVM. */
    private static final AtomicBoolean RESTARTED = new AtomicBoolean();

    @TempDir private Path parent;

    @Test
    void aJobThatMayNotWriteIsNotStartedAgain() throws Exception {
        Path file = Files.writeString(parent.resolve("file"), "");
        JobClient job = start(file);
        assertThatThrownBy(() -> job.getJobExecutionResult().get())
                .satisfies(
                        error ->
                                assertThat(Failures.describe(error))
                                        .startsWith(file + ": expected a folder for results"));
    }

    @Test
    void whereTheFolderIsGoneForAWhileNoLineIsLostOrDoubled() throws Exception {
        Path folder = parent.resolve("lines");
        Path disk = Files.createDirectory(parent.resolve("disk"));
        Mount.let(folder, disk);
        RESTARTED.set(false);
        JobClient job = start(folder);
        while (!hasLines(folder)) {
            Thread.sleep(10);
        }
        Mount.let(folder, noFolder());
        while (job.getJobStatus().get() != JobStatus.RESTARTING) {
            Thread.sleep(1);
        }
        RESTARTED.set(true);
        Mount.let(folder, disk);
        job.getJobExecutionResult().get();
        assertThat(lines(folder))
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, RECORDS).mapToObj(Long::toString).toList());
    }

    @Test
    void whereAFileIsRemovedBeforeItsCheckpointNoLineIsLostOrDoubled() throws Exception {
        Path folder = parent.resolve("lines");
        RESTARTED.set(false);
        StreamExecutionEnvironment env = restarting();
        JsonLines.write(
                env.fromSequence(1, RECORDS).map(new RemovedBefore(folder.toString())),
                JsonLinesITCase::slowly,
                folder);
        env.execute();
        assertThat(RESTARTED).isTrue();
        assertThat(lines(folder))
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, RECORDS).mapToObj(Long::toString).toList());
    }

    /**
     * Removes what is written to in the second half, once, and nothing that a checkpoint has and is
     * about to complete. Runs in the writer's thread: no checkpoint comes between.
     */
    private static final class RemovedBefore
            implements MapFunction<Long, Long>, CheckpointedFunction {
        private static final long serialVersionUID = 1;

        private final String folder;
        private transient List<Path> prepared;

        RemovedBefore(String folder) {
            this.folder = folder;
        }

        @Override
        public Long map(Long number) throws IOException {
            if (number > RECORDS / 2 && !RESTARTED.get()) {
                for (Path each : begun(Path.of(folder))) {
                    if (!prepared.contains(each)) {
                        RESTARTED.set(Files.deleteIfExists(each));
                    }
                }
            }
            return number;
        }

        @Override
        public void initializeState(FunctionInitializationContext context) {
            prepared = List.of();
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws IOException {
            prepared = begun(Path.of(folder));
        }
    }

    /** Its lines were lost in silence. */
    @Test
    void whereAFileIsRemovedWhileItsCheckpointIsMadeTheJobFails() throws Exception {
        Path folder = parent.resolve("lines");
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ofMillis(200));
        RESTARTED.set(false);
        JsonLines.write(
                env.fromSequence(1, RECORDS).map(new RemovedMeanwhile(folder.toString())),
                JsonLinesITCase::slowly,
                folder);
        assertThatThrownBy(env::execute)
                .satisfies(
                        error ->
                                assertThat(Failures.describe(error))
                                        .startsWith(folder + ": expected to write results there")
                                        .contains("gone before it was complete"));
    }

    /** Removes what is to be completed with a checkpoint, once there is something. */
    private record RemovedMeanwhile(String folder)
            implements MapFunction<Long, Long>, CheckpointedFunction {
        @Override
        public Long map(Long number) {
            return number;
        }

        @Override
        public void initializeState(FunctionInitializationContext context) {}

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws IOException {
            if (!RESTARTED.get()) { // its file has been prepared, and is not complete yet
                for (Path each : begun(Path.of(folder))) {
                    Files.delete(each);
                    RESTARTED.set(true);
                }
            }
        }
    }

    /** Embedded, a job fails at the first failure: nothing goes on. */
    @Test
    void aJobThatIsNotRestartedSaysNothingOfItsCheckpoint() throws Exception {
        Path folder = parent.resolve("lines");
        Mount.let(folder, Files.createDirectory(parent.resolve("disk")));
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ofMillis(200));
        RESTARTED.set(false);
        JobClient job = start(env, folder);
        while (!hasLines(folder)) {
            Thread.sleep(10);
        }
        Mount.let(folder, noFolder());
        assertThatThrownBy(() -> job.getJobExecutionResult().get())
                .satisfies(
                        error ->
                                assertThat(Failures.describe(error))
                                        .startsWith(folder + ": expected to write results there")
                                        .endsWith(": make room or see what is wrong"));
    }

    private Path noFolder() throws IOException {
        return Files.writeString(parent.resolve("file"), "a file where the folder should be");
    }

    private static JobClient start(Path folder) throws Exception {
        return start(restarting(), folder);
    }

    private static StreamExecutionEnvironment restarting() {
        Configuration settings = new Configuration();
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1_000_000);
        settings.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(500));
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
        return StreamExecutionEnvironment.createLocalEnvironment(1, settings);
    }

    private static JobClient start(StreamExecutionEnvironment env, Path folder) throws Exception {
        JsonLines.write(env.fromSequence(1, RECORDS), JsonLinesITCase::slowly, folder);
        return env.executeAsync();
    }

    /** Very slowly in the second half, until the job has been started again. */
    private static String slowly(long number) {
        try {
            Thread.sleep(number < RECORDS / 2 || RESTARTED.get() ? 1 : 100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Long.toString(number);
    }

    private static boolean hasLines(Path folder) throws IOException {
        return !lines(folder).isEmpty();
    }

    /** Of the complete files. */
    private static List<String> lines(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path file : files(folder)) {
            String name = file.getFileName().toString();
            if (name.startsWith("part-") && name.endsWith(".jsonl")) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }

    /** Those that are still written to. */
    private static List<Path> begun(Path folder) throws IOException {
        return files(folder).stream()
                .filter(file -> file.toString().contains(".inprogress."))
                .toList();
    }

    private static List<Path> files(Path folder) throws IOException {
        while (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
                return files.toList();
            } catch (UncheckedIOException e) {
                continue; // a file got another name while we looked
            }
        }
        return List.of();
    }
}
