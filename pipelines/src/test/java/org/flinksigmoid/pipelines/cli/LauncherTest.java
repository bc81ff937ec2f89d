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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bin/flink-sigmoid} and its cache of classes, with a JDK that only writes down how it was
 * called and, asked for a cache, makes a file; and its build, with a Maven of that kind.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final long PATIENCE_SECONDS = 300;

    /** For tests that have no use for one. */
    private static final String NO_CACHE = "FLINK_SIGMOID_CLASS_CACHE=off";

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

    /** Who makes a cache behind a command would find the folder gone. */
    @AfterEach
    void awaitTheBackground() throws InterruptedException {
        await(() -> ProcessHandle.allProcesses().noneMatch(this::isOurs));
    }

    private boolean isOurs(ProcessHandle process) {
        return process.info().commandLine().orElse("").contains(folder.toString());
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
        assertThat(run("help", NO_CACHE)).doesNotContain("AOTCache");
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
        awaitTheBackground();
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
        Files.writeString(lock.resolve("pid"), Long.toString(pidOfNobody()));
        run("help");
        awaitCaches(1);
    }

    @Test
    void startUpIsMeasuredWithTheCache() throws Exception {
        assertThat(run("bench startup")).contains("-XX:AOTCache=" + caches);
    }

    @Test
    void ourLoggingStandsBeforeTornadoVms() throws Exception {
        Path sdk = Files.createDirectories(folder.resolve("sdk"));
        Files.writeString(sdk.resolve("tornado-argfile"), "--module-path .\n");
        Path ours = jar.resolveSibling("../flink/log4j-api-2.24.3.jar").normalize();
        Files.writeString(ours, "jar");
        assertThat(run("help", "TORNADOVM_HOME=" + sdk))
                .contains("--module-path=%s:%s/share/java/tornado ".formatted(ours, sdk));
    }

    @Test
    void runsFromAnyFolderWhateverCdpathSays() throws Exception {
        ProcessBuilder builder = command("help", NO_CACHE, "CDPATH=.");
        builder.command().set(1, "pipelines/bin/flink-sigmoid");
        builder.directory(folder.resolve("home").toFile());
        succeed(builder.start());
        assertThat(callOf("help"))
                .contains("-Dflinksigmoid.home=" + folder.toRealPath().resolve("home/pipelines "));
    }

    @Test
    void runsWithoutAHome() throws Exception {
        ProcessBuilder builder = command("help", NO_CACHE);
        builder.environment().keySet().removeAll(List.of("HOME", "FLINK_SIGMOID_JAVA_HOME"));
        builder.environment().put("JAVA_HOME", jdk.toString());
        succeed(builder.start());
    }

    @Test
    void javaReadsFileNamesAsUtf8WhereNoLanguageIsSet() throws Exception {
        program("java", "echo \"$LC_ALL $*\" >>'%s'\n".formatted(calls));
        assertThat(run("help", NO_CACHE, "LC_ALL=", "LC_CTYPE=", "LANG=")).startsWith("C.UTF-8 ");
        assertThat(run("help", NO_CACHE, "LC_ALL=C")).startsWith("C.UTF-8 ");
        program("locale", "echo UTF-8\n");
        assertThat(run("help", NO_CACHE, "LC_ALL=de_DE.UTF-8")).startsWith("de_DE.UTF-8 ");
        program("locale", "echo ANSI_X3.4-1968\n");
        assertThat(run("help", NO_CACHE, "LC_ALL=de_DE.UTF-8")).startsWith("C.UTF-8 ");
    }

    @Test
    void streamsThatAreClosedAreEmptyAndNotFilesOfJavas() throws Exception {
        program("java", "readlink /proc/self/fd/0 >'%s'\n".formatted(calls));
        ProcessBuilder builder = command("help", NO_CACHE);
        builder.command().addAll(1, List.of("-c", "exec bash \"$@\" <&- 2>&-", "launcher"));
        succeed(builder.start());
        if (Files.exists(Path.of("/proc/self/fd"))) {
            assertThat(calls).content().startsWith("/dev/null");
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
        launcher = colon.resolve("pipelines/bin/flink-sigmoid");
        assertThat(refusal("true"))
                .contains("with : in its name: move or rename " + colon.toRealPath());
    }

    /** What is said where it does not run after those commands of a shell. */
    private String refusal(String before) throws Exception {
        Path said = folder.resolve("said");
        ProcessBuilder builder = command("help", NO_CACHE);
        builder.command().addAll(1, List.of("-c", before + "; exec bash \"$@\"", "launcher"));
        Process process = builder.redirectError(said.toFile()).start();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        return Files.readString(said);
    }

    @Test
    void failsWhereNoBuildCanBegin() throws Exception {
        layMaven();
        Files.writeString(lock(), "a file where the lock should be");
        Process process = start("help", NO_CACHE);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
    }

    @Test
    void ofTwoCommandsOneTakesOverTheBuildOfAProcessThatIsGone() throws Exception {
        layMaven();
        Files.createDirectories(lock());
        Files.writeString(lock().resolve("pid"), Long.toString(pidOfNobody()));
        Process first = start("help", NO_CACHE);
        Process second = start("help", NO_CACHE);
        succeed(first);
        succeed(second);
        assertThat(builds()).hasLineCount(1);
        assertThat(lock()).doesNotExist();
    }

    @Test
    void aLockThatIsLetGoOfWhileItIsLookedAtIsTaken() throws Exception {
        layMaven();
        Path once = folder.resolve("once");
        program(
                "mkdir",
                """
                if [ "$1" = '%s' ] && [ ! -f '%s' ]; then
                    echo "mkdir: cannot create directory '$1': File exists" >'%s'
                    exit 1
                fi
                PATH=${PATH#*:} exec mkdir "$@"
                """
                        .formatted(lock(), once, once));
        succeed(start("help", NO_CACHE));
        assertThat(once).exists();
        assertThat(builds()).hasLineCount(1);
    }

    @Test
    void aLockThatCannotBeMadeWholeIsLetGoOf() throws Exception {
        layMaven();
        program(
                "mkdir",
                """
                PATH=${PATH#*:}
                [ "$1" != '%s' ] || set -- -p "$1/pid"
                exec mkdir "$@"
                """
                        .formatted(lock()));
        Process process = start("help", NO_CACHE);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(lock()).doesNotExist();
    }

    @Test
    void aBuildThatIsToldToEndSaysSoAndLetsGoOfItsLock() throws Exception {
        layMaven();
        Process process = start("help", NO_CACHE);
        await(() -> Files.exists(folder.resolve("builds")));
        process.destroy();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + 15);
        assertThat(lock()).doesNotExist();
    }

    @Test
    void aLockOfTheSameProcessIdIsFromBeforeARestart() throws Exception {
        layMaven();
        Files.createDirectories(lock());
        ProcessBuilder builder = command("help", NO_CACHE);
        String self = "echo $$ >'%s'; exec bash \"$@\"".formatted(lock().resolve("pid"));
        builder.command().addAll(1, List.of("-c", self, "launcher"));
        succeed(builder.start());
        assertThat(builds()).hasLineCount(1);
    }

    /** Sources that are not built yet, and a Maven that writes down when it builds. */
    private void layMaven() throws IOException {
        Files.writeString(folder.resolve("home/pom.xml"), "<project/>");
        program(
                "mvn",
                """
                [ "$1" != -v ] || { echo Apache Maven 3.9.9; exit 0; }
                echo built >>'%s'
                sleep 1
                """
                        .formatted(folder.resolve("builds")));
    }

    private String builds() throws IOException {
        return Files.readString(folder.resolve("builds"));
    }

    private Path lock() {
        return folder.resolve("home/pipelines/target/.building");
    }

    private static long pidOfNobody() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        return gone.pid();
    }

    private static void succeed(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    /** Runs a command and returns Java's own call of it. */
    private String run(String command, String... variables) throws Exception {
        succeed(start(command, variables));
        return callOf(command);
    }

    private String callOf(String command) throws IOException {
        return Files.readAllLines(calls).stream()
                .filter(call -> call.endsWith(" " + command))
                .reduce((earlier, later) -> later)
                .orElseThrow();
    }

    private Process start(String command, String... variables) throws IOException {
        return command(command, variables).start();
    }

    private ProcessBuilder command(String command, String... variables) {
        ProcessBuilder builder = new ProcessBuilder("bash", launcher.toString());
        builder.command().addAll(List.of(command.split(" ")));
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("FLINK_SIGMOID") || name.startsWith("TORNADO"));
        builder.environment().put("FLINK_SIGMOID_JAVA_HOME", jdk.toString());
        builder.environment()
                .merge("PATH", jdk.resolve("bin").toString(), (path, own) -> own + ":" + path);
        for (String variable : variables) {
            String[] parts = variable.split("=", 2);
            builder.environment().put(parts[0], parts[1]);
        }
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
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
