package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The cache of classes that {@code bin/flink-sigmoid} makes behind a command. */
@DisabledOnOs(OS.WINDOWS)
class LauncherCacheTest {
    @TempDir private Path folder;

    private Launcher launcher;

    @BeforeEach
    void lay() throws IOException {
        launcher = Launcher.lay(folder);
    }

    @AfterEach
    void awaitTheBackground() throws InterruptedException {
        launcher.awaitTheBackground();
    }

    @Test
    void theFirstCommandLeavesACacheThatTheNextOneUses() throws Exception {
        assertThat(launcher.run("help")).doesNotContain("AOTCache");
        awaitCaches(1);
        Path cache = caches().getFirst();
        assertThat(launcher.run("help"))
                .contains("-XX:AOTCache=" + cache, "-XX:AOTMode=auto", "-Xlog:aot*=off");
        assertThat(makings()).isEqualTo(1);
    }

    @Test
    void noCacheIsMadeOrUsedWhereItIsSwitchedOff() throws Exception {
        launcher.run("help");
        awaitCaches(1);
        assertThat(launcher.run("help", Launcher.NO_CACHE)).doesNotContain("AOTCache");
        assertThat(launcher.run("help", "FLINK_SIGMOID_JAVA_OPTS=-XX:AOTCache=mine"))
                .contains("-XX:AOTCache=mine")
                .doesNotContain("-XX:AOTCache=" + launcher.caches);
    }

    @Test
    void aStaleCacheIsNotUsedAndMadeAnew() throws Exception {
        launcher.run("help");
        awaitCaches(1);
        Files.setLastModifiedTime(launcher.jar, FileTime.from(Instant.now().plusSeconds(1)));
        assertThat(launcher.run("help")).doesNotContain("AOTCache");
        Launcher.await(() -> makings() == 2 && isIdle() && caches().size() == 1);
        assertThat(launcher.run("help")).contains("-XX:AOTCache=" + caches().getFirst());
    }

    @Test
    void anotherJdkHasAnotherCache() throws Exception {
        launcher.run("help");
        awaitCaches(1);
        Path first = caches().getFirst();
        Files.writeString(launcher.jdk.resolve("release"), "JAVA_VERSION=\"25.0.2\"\n");
        assertThat(launcher.run("help")).doesNotContain("AOTCache");
        Launcher.await(() -> makings() == 2 && isIdle());
        assertThat(caches()).hasSize(1).doesNotContain(first);
    }

    @Test
    void aFolderThatCannotBeWrittenToFailsNoCommand() throws Exception {
        Files.writeString(launcher.caches, "a file where the folder should be");
        assertThat(launcher.run("help")).doesNotContain("AOTCache");
        assertThat(launcher.run("help")).doesNotContain("AOTCache");
        awaitTheBackground();
        assertThat(makings()).isZero();
    }

    @Test
    void ofTwoCommandsAtOnceOneMakesTheCache() throws Exception {
        Process first = launcher.start("help");
        Process second = launcher.start("help");
        Launcher.succeed(first);
        Launcher.succeed(second);
        awaitCaches(1);
        assertThat(makings()).isEqualTo(1);
    }

    @Test
    void aJdkThatMakesNoCacheIsAskedOnce() throws Exception {
        Files.writeString(launcher.fails(), "");
        launcher.run("help");
        Launcher.await(() -> makings() == 1 && isIdle());
        launcher.run("help");
        assertThat(launcher.run("help")).doesNotContain("AOTCache");
        assertThat(makings()).isEqualTo(1);
    }

    @Test
    void aLockWhoseOwnerIsGoneIsTakenOver() throws Exception {
        Path lock = Files.createDirectories(launcher.caches.resolve(".making"));
        Files.writeString(lock.resolve("pid"), Long.toString(Launcher.pidOfNobody()));
        launcher.run("help");
        awaitCaches(1);
    }

    @Test
    void startUpIsMeasuredWithTheCache() throws Exception {
        assertThat(launcher.run("bench startup")).contains("-XX:AOTCache=" + launcher.caches);
    }

    private void awaitCaches(int count) throws InterruptedException {
        Launcher.await(() -> caches().size() == count && isIdle());
    }

    private boolean isIdle() {
        return !Files.exists(launcher.caches.resolve(".making"));
    }

    private List<Path> caches() {
        try (Stream<Path> files = Files.list(launcher.caches)) {
            return files.filter(file -> file.toString().endsWith(".aot"))
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private long makings() {
        try (Stream<String> lines = Files.lines(launcher.calls)) {
            return lines.filter(call -> call.contains("-XX:AOTCacheOutput=")).count();
        } catch (IOException e) {
            return 0;
        }
    }
}
