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

/** How {@code bin/flink-sigmoid} calls Java, and where it refuses to. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
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
    void ourLoggingStandsBeforeTornadoVms() throws Exception {
        Path sdk = Files.createDirectories(folder.resolve("sdk"));
        Files.writeString(sdk.resolve("tornado-argfile"), "--module-path .\n");
        Path ours = launcher.jar.resolveSibling("../flink/log4j-api-2.24.3.jar").normalize();
        Files.writeString(ours, "jar");
        assertThat(launcher.run("help", "TORNADOVM_HOME=" + sdk))
                .contains("--module-path=%s:%s/share/java/tornado ".formatted(ours, sdk));
    }

    @Test
    void runsFromAnyFolderWhateverCdpathSays() throws Exception {
        ProcessBuilder builder = launcher.command("help", Launcher.NO_CACHE, "CDPATH=.");
        builder.command().set(1, "pipelines/bin/flink-sigmoid");
        builder.directory(folder.resolve("home").toFile());
        Launcher.succeed(builder.start());
        assertThat(launcher.callOf("help"))
                .contains("-Dflinksigmoid.home=" + folder.toRealPath().resolve("home/pipelines "));
    }

    @Test
    void runsWithoutAHome() throws Exception {
        ProcessBuilder builder = launcher.command("help", Launcher.NO_CACHE);
        builder.environment().keySet().removeAll(List.of("HOME", "FLINK_SIGMOID_JAVA_HOME"));
        builder.environment().put("JAVA_HOME", launcher.jdk.toString());
        Launcher.succeed(builder.start());
    }

    @Test
    void javaReadsFileNamesAsUtf8WhereNoLanguageIsSet() throws Exception {
        launcher.program("java", "echo \"$LC_ALL $*\" >>'%s'\n".formatted(launcher.calls));
        assertThat(launcher.run("help", Launcher.NO_CACHE, "LC_ALL=", "LC_CTYPE=", "LANG="))
                .startsWith("C.UTF-8 ");
        assertThat(launcher.run("help", Launcher.NO_CACHE, "LC_ALL=C")).startsWith("C.UTF-8 ");
        launcher.program("locale", "echo UTF-8\n");
        assertThat(launcher.run("help", Launcher.NO_CACHE, "LC_ALL=de_DE.UTF-8"))
                .startsWith("de_DE.UTF-8 ");
        launcher.program("locale", "echo ANSI_X3.4-1968\n");
        assertThat(launcher.run("help", Launcher.NO_CACHE, "LC_ALL=de_DE.UTF-8"))
                .startsWith("C.UTF-8 ");
    }

    @Test
    void streamsThatAreClosedAreEmptyAndNotFilesOfJavas() throws Exception {
        launcher.program("java", "readlink /proc/self/fd/0 >'%s'\n".formatted(launcher.calls));
        ProcessBuilder builder = launcher.command("help", Launcher.NO_CACHE);
        builder.command().addAll(1, List.of("-c", "exec bash \"$@\" <&- 2>&-", "launcher"));
        Launcher.succeed(builder.start());
        if (Files.exists(Path.of("/proc/self/fd"))) {
            assertThat(launcher.calls).content().startsWith("/dev/null");
        }
    }

    @Test
    void saysThatTheCurrentFolderIsGone() throws Exception {
        Path gone = Files.createDirectory(folder.resolve("gone"));
        assertThat(refusal("cd '%s'; rmdir '%s'".formatted(gone, gone)))
                .contains("flink-sigmoid: the current folder is gone: change");
    }

    @Test
    void saysThatTooFewFilesMayBeOpen() throws Exception {
        assertThat(refusal("ulimit -n 64"))
                .isEqualToIgnoringNewLines(
                        "flink-sigmoid: only 64 files may be open here: allow 256 or more with"
                                + " ulimit -n.");
    }

    @Test
    void saysThatJavaCannotUseWhatLiesBelowAFolderWithAColon() throws Exception {
        Path colon = Files.move(folder.resolve("home"), folder.resolve("a:b"));
        launcher.script = colon.resolve("pipelines/bin/flink-sigmoid");
        assertThat(refusal("true"))
                .contains("with : in its name: move or rename " + colon.toRealPath());
    }

    @Test
    void saysWhatToInstallWhereThereIsNoJdk25() throws Exception {
        Files.writeString(launcher.jdk.resolve("release"), "JAVA_VERSION=\"21.0.5\"\n");
        assertThat(refusal("true"))
                .isEqualToIgnoringNewLines(
                        "flink-sigmoid: FLINK_SIGMOID_JAVA_HOME is %s, which is no JDK 25: point it at one or unset it."
                                .formatted(launcher.jdk));
        // this machine's own are not to be found
        String script = Files.readString(launcher.script);
        Files.writeString(launcher.script, script.replaceAll("/(usr|opt|Library)/", "/nowhere/"));
        assertThat(refusal("unset FLINK_SIGMOID_JAVA_HOME JAVA_HOME SDKMAN_DIR; HOME=/nowhere"))
                .startsWith("flink-sigmoid: no JDK 25 found: install one")
                .hasLineCount(1);
    }

    @Test
    void saysWhichMavenToInstall() throws Exception {
        Files.writeString(folder.resolve("home/pom.xml"), "<project/>");
        launcher.program("mvn", "echo Apache Maven 3.6.3\n");
        assertThat(refusal("true"))
                .isEqualToIgnoringNewLines(
                        "flink-sigmoid: %s/bin/mvn is Maven 3.6.3: install Maven 3.8.6 or newer."
                                .formatted(launcher.jdk));
        launcher.program("mvn", "exit 1\n");
        assertThat(refusal("true")).contains("does not run: reinstall Maven 3.8.6 or newer.");
    }

    /** What is said where it does not run after those commands of a shell. */
    private String refusal(String before) throws Exception {
        Path said = folder.resolve("said");
        ProcessBuilder builder = launcher.command("help", Launcher.NO_CACHE);
        builder.command().addAll(1, List.of("-c", before + "; exec bash \"$@\"", "launcher"));
        Process process = builder.redirectError(said.toFile()).start();
        assertThat(Launcher.exitCode(process)).isEqualTo(1);
        return Files.readString(said);
    }
}
