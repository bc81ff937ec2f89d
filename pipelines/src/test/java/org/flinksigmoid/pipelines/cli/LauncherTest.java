package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bin/flink-sigmoid} and its cache of classes, with a JDK that only writes down how it was
 * called and, asked for a cache, makes a file.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final long PATIENCE_SECONDS = 60;

    @TempDir private Path folder;

    private Path launcher;
    private Path jdk;
    private Path jar;
    private Path caches;
    private Path calls;

    @BeforeEach
    void lay() throws IOException {
        Path pipelines = Files.createDirectories(folder.resolve("home/pipelines"));
        launcher = Files.createDirectories(pipelines.resolve("bin")).resolve("flink-sigmoid");
        Files.copy(Path.of("bin", "flink-sigmoid"), launcher);
        Path options = pipelines.resolve("src/main/dist/conf/jvm.options");
        Files.createDirectories(options.getParent());
        Files.writeString(options, "-Dnothing=1\n");
        jar = pipelines.resolve("target/dist/lib/some.jar");
        Files.createDirectories(jar.getParent());
        Files.createDirectories(pipelines.resolve("target/dist/flink"));
        Files.writeString(jar, "jar");
        caches = pipelines.resolve("target/dist/classes");
        calls = folder.resolve("calls");
        jdk = folder.resolve("jdk");
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        program("javac", "");
        program(
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
                        .formatted(calls, folder.resolve("fails")));
    }

    private void program(String name, String body) throws IOException {
        Path file = jdk.resolve("bin").resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + body);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void theFirstCommandLeavesACacheThatTheNextOneUses() throws Exception {
        assertThat(run("help")).doesNotContain("AOTCache");
        awaitCaches(1);
        Path cache = caches().getFirst();
        assertThat(run("help"))
                .contains("-XX:AOTCache=" + cache, "-XX:AOTMode=auto", "-Xlog:aot*=off");
        assertThat(makings()).isEqualTo(1);
    }

    @Test
    void noCacheIsMadeOrUsedWhereItIsSwitchedOff() throws Exception {
        run("help");
        awaitCaches(1);
        assertThat(run("help", "FLINK_SIGMOID_CLASS_CACHE=off")).doesNotContain("AOTCache");
        assertThat(run("help", "FLINK_SIGMOID_JAVA_OPTS=-XX:AOTCache=mine"))
                .contains("-XX:AOTCache=mine")
                .doesNotContain("-XX:AOTCache=" + caches);
    }

    @Test
    void aStaleCacheIsNotUsedAndMadeAnew() throws Exception {
        run("help");
        awaitCaches(1);
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(1)));
        assertThat(run("help")).doesNotContain("AOTCache");
        await(() -> makings() == 2 && isIdle() && caches().size() == 1);
        assertThat(run("help")).contains("-XX:AOTCache=" + caches().getFirst());
    }

    @Test
    void anotherJdkHasAnotherCache() throws Exception {
        run("help");
        awaitCaches(1);
        Path first = caches().getFirst();
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.2\"\n");
        assertThat(run("help")).doesNotContain("AOTCache");
        await(() -> makings() == 2 && isIdle());
        assertThat(caches()).hasSize(1).doesNotContain(first);
    }

    @Test
    void aFolderThatCannotBeWrittenToFailsNoCommand() throws Exception {
        Files.writeString(caches, "a file where the folder should be");
        assertThat(run("help")).doesNotContain("AOTCache");
        assertThat(run("help")).doesNotContain("AOTCache");
        assertThat(makings()).isZero();
    }

    @Test
    void ofTwoCommandsAtOnceOneMakesTheCache() throws Exception {
        Process first = start("help");
        Process second = start("help");
        assertThat(first.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(second.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(List.of(first.exitValue(), second.exitValue())).containsOnly(0);
        awaitCaches(1);
        assertThat(makings()).isEqualTo(1);
    }

    @Test
    void aJdkThatMakesNoCacheIsAskedOnce() throws Exception {
        Files.writeString(folder.resolve("fails"), "");
        run("help");
        await(() -> makings() == 1 && isIdle());
        run("help");
        assertThat(run("help")).doesNotContain("AOTCache");
        assertThat(makings()).isEqualTo(1);
    }

    @Test
    void aLockWhoseOwnerIsGoneIsTakenOver() throws Exception {
        Path lock = Files.createDirectories(caches.resolve(".making"));
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        Files.writeString(lock.resolve("pid"), Long.toString(gone.pid()));
        run("help");
        awaitCaches(1);
    }

    @Test
    void startUpIsMeasuredWithTheCache() throws Exception {
        assertThat(run("bench startup")).contains("-XX:AOTCache=" + caches);
    }

    /** Runs a command and returns Java's own call of it. */
    private String run(String command, String... variables) throws Exception {
        Process process = start(command, variables);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return Files.readAllLines(calls).stream()
                .filter(call -> call.endsWith(" " + command))
                .reduce((earlier, later) -> later)
                .orElseThrow();
    }

    private Process start(String command, String... variables) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("bash", launcher.toString());
        builder.command().addAll(List.of(command.split(" ")));
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("FLINK_SIGMOID") || name.startsWith("TORNADO"));
        builder.environment().put("FLINK_SIGMOID_JAVA_HOME", jdk.toString());
        for (String variable : variables) {
            String[] parts = variable.split("=", 2);
            builder.environment().put(parts[0], parts[1]);
        }
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private void awaitCaches(int count) throws InterruptedException {
        await(() -> caches().size() == count && isIdle());
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time").isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    private boolean isIdle() {
        return !Files.exists(caches.resolve(".making"));
    }

    private List<Path> caches() {
        try (Stream<Path> files = Files.list(caches)) {
            return files.filter(file -> file.toString().endsWith(".aot"))
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private long makings() {
        try (Stream<String> lines = Files.lines(calls)) {
            return lines.filter(call -> call.contains("-XX:AOTCacheOutput=")).count();
        } catch (IOException e) {
            return 0;
        }
    }
}
