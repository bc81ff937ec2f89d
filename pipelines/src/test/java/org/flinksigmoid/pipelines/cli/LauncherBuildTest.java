package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The build by {@code bin/flink-sigmoid}, one at a time, with a Maven that only writes down when it
 * builds.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherBuildTest {
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
    void failsWhereNoBuildCanBegin() throws Exception {
        layMaven();
        Files.writeString(lock(), "a file where the lock should be");
        Process process = launcher.start("help", Launcher.NO_CACHE);
        assertThat(Launcher.exitCode(process)).isEqualTo(1);
    }

    @Test
    void anSdkThatTheGpuBackendIsNotCompiledAgainstIsRefusedBeforeTheBuild() throws Exception {
        layMaven();
        Path sdk = Files.createDirectories(folder.resolve("ptx sdk/share/java/tornado"));
        Files.writeString(sdk.resolve("tornado-drivers-ptx-5.2.0.jar"), "jar");
        Path said = folder.resolve("said");
        Process process =
                launcher.command(
                                "help",
                                Launcher.NO_CACHE,
                                "TORNADOVM_HOME=" + folder.resolve("ptx sdk"))
                        .redirectError(said.toFile())
                        .start();
        assertThat(Launcher.exitCode(process)).isEqualTo(1);
        assertThat(said).content().contains("no TornadoVM with the cuda backend");
        assertThat(folder.resolve("builds")).doesNotExist();
    }

    @Test
    void ofTwoCommandsOneTakesOverTheBuildOfAProcessThatIsGone() throws Exception {
        layMaven();
        Files.createDirectories(lock());
        Files.writeString(lock().resolve("pid"), Long.toString(Launcher.pidOfNobody()));
        Process first = launcher.start("help", Launcher.NO_CACHE);
        Process second = launcher.start("help", Launcher.NO_CACHE);
        Launcher.succeed(first);
        Launcher.succeed(second);
        assertThat(builds()).hasLineCount(1);
        assertThat(lock()).doesNotExist();
    }

    @Test
    void aLockThatIsLetGoOfWhileItIsLookedAtIsTaken() throws Exception {
        layMaven();
        Path once = folder.resolve("once");
        launcher.program(
                "mkdir",
                """
                if [ "$1" = '%s' ] && [ ! -f '%s' ]; then
                    echo "mkdir: cannot create directory '$1': File exists" >'%s'
                    exit 1
                fi
                PATH=${PATH#*:} exec mkdir "$@"
                """
                        .formatted(lock(), once, once));
        Launcher.succeed(launcher.start("help", Launcher.NO_CACHE));
        assertThat(once).exists();
        assertThat(builds()).hasLineCount(1);
    }

    @Test
    void aLockThatCannotBeMadeWholeIsLetGoOf() throws Exception {
        layMaven();
        launcher.program(
                "mkdir",
                """
                PATH=${PATH#*:}
                [ "$1" != '%s' ] || set -- -p "$1/pid"
                exec mkdir "$@"
                """
                        .formatted(lock()));
        Process process = launcher.start("help", Launcher.NO_CACHE);
        assertThat(Launcher.exitCode(process)).isEqualTo(1);
        assertThat(lock()).doesNotExist();
    }

    @Test
    void aBuildThatIsToldToEndSaysSoAndLetsGoOfItsLock() throws Exception {
        layMaven("exec sleep 300");
        Process process = launcher.start("help", Launcher.NO_CACHE);
        Launcher.await(() -> Files.exists(folder.resolve("builds")));
        process.destroy();
        assertThat(Launcher.exitCode(process)).isEqualTo(128 + 15);
        assertThat(lock()).doesNotExist();
    }

    @Test
    void aLockOfTheSameProcessIdIsFromBeforeARestart() throws Exception {
        layMaven();
        Files.createDirectories(lock());
        ProcessBuilder builder = launcher.command("help", Launcher.NO_CACHE);
        String self = "echo $$ >'%s'; exec bash \"$@\"".formatted(lock().resolve("pid"));
        builder.command().addAll(1, List.of("-c", self, "launcher"));
        Launcher.succeed(builder.start());
        assertThat(builds()).hasLineCount(1);
    }

    private void layMaven() throws IOException {
        layMaven("sleep 1");
    }

    /** Sources that are not built yet, and a Maven that writes down when it builds. */
    private void layMaven(String build) throws IOException {
        Files.writeString(folder.resolve("home/pom.xml"), "<project/>");
        launcher.program(
                "mvn",
                """
                [ "$1" != -v ] || { echo Apache Maven 3.9.9; exit 0; }
                echo built >>'%s'
                %s
                """
                        .formatted(folder.resolve("builds"), build));
    }

    private String builds() throws IOException {
        return Files.readString(folder.resolve("builds"));
    }

    private Path lock() {
        return folder.resolve("home/pipelines/target/.building");
    }
}
