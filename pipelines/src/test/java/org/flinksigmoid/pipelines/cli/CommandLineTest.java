package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.BackendProvider;
import org.flinksigmoid.kernels.backend.Backends;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {
    @Test
    void noCommandIsWrongUsageAndSaysWhatToTry() {
        Cli cli = Cli.run();
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err()).contains("expected a command").contains("--help");
    }

    @Test
    void anUnknownCommandIsWrongUsageAndNamesIt() {
        Cli cli = Cli.run("demmo");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("demmo");
    }

    @Test
    void itSaysItsVersion() {
        Cli cli = Cli.run("--version");
        assertThat(cli.code()).isZero();
        assertThat(cli.out()).startsWith("flink-sigmoid ");
    }

    @Test
    void devicesSaysWhichBackendIsChosenAndWhatTheOthersLack() throws IOException {
        JsonNode devices = new ObjectMapper().readTree(Cli.run("devices", "--json").lastLine());
        assertThat(devices.fieldNames()).toIterable().containsExactly("chosen", "why", "backends");
        assertThat(devices.get("backends"))
                .extracting(backend -> backend.get("name").asText())
                .contains("tornado", "vector", "scalar");
        String chosen = null;
        for (JsonNode backend : devices.get("backends")) {
            if (!backend.get("available").asBoolean()) {
                assertThat(backend.get("reason").asText()).isNotBlank();
                assertThat(backend.get("remedy").asText()).isNotBlank();
            } else if (chosen == null) {
                chosen = backend.get("name").asText();
            }
        }
        assertThat(devices.get("chosen").asText()).isEqualTo(chosen);
        Cli cli = Cli.run("devices");
        assertThat(cli.code()).isZero();
        assertThat(cli.out()).contains("* " + chosen).contains(devices.get("why").asText());
    }

    /** What is in the file a would be arguments, whoever wrote it. */
    @Test
    void anInputWhoseNameBeginsWithAnAtIsAFile(@TempDir Path folder) throws IOException {
        Path arguments = Files.writeString(folder.resolve("a"), "--help");
        Cli cli = Cli.run("score", "@" + arguments);
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains("@" + arguments + ": no such file or folder");
    }

    /** Flink's threads kept the process for ever. */
    @Test
    void aLackOfMemoryEndsTheProcessAndIsSaid(@TempDir Path folder) throws Exception {
        Path said = folder.resolve("said");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("@src/main/dist/conf/jvm.options", "-XX:MaxDirectMemorySize=1k"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(FlinkSigmoid.class.getName(), "score", "pom.xml"));
        Process process = new ProcessBuilder(command).redirectError(said.toFile()).start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(said)
                .content()
                .containsPattern("flink-sigmoid: .*[Dd]irect buffer memory")
                .doesNotContain("\tat ");
    }

    @Test
    void benchAloneIsWrongUsageAndSaysWhatToTry() {
        Cli cli = Cli.run("bench");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("expected what to measure", "flink-sigmoid bench --help");
    }

    @Test
    void aSettingOfFlinksThatHasAnOptionIsWrongUsage() {
        Cli cli = Cli.run("cluster", "-Drest.port=9999");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("-Drest.port: expected --port in its place");
    }

    @Test
    void anUnknownOptionIsWrongUsageAndNamesIt() {
        Cli cli = Cli.run("devices", "--colour", "red");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("--colour");
    }

    @ParameterizedTest
    @CsvSource({
        "score --threads, 0, 1 to 1024",
        "asr --threads, 1000000, 1 to 1024",
        "bench encoder --threads, -1, 1 to 1024",
        "asr --parallelism, 0, 1 to 128",
        "score --parallelism, 1000000, 1 to 128",
        "score --parallelism, many, 1 to 128",
        "bench calls --parallelism, 129, 1 to 128",
        "demo --device, -1, 0 to 2147483647",
        "cluster --slots, 0, 1 to 128",
        "cluster --task-managers, 1000000, 1 to 128",
        "cluster --port, 65536, 1 to 65535",
        "cluster submit --checkpoint-seconds, 0, 1 to 2147483647",
        "asr --at-once, 0, 1 to 2147483647",
        "asr --chunk-ms, 0, 1 to 10000",
        "asr --rate, 999, 1000 to 384000",
        "asr --channels, 0, 1 to 64",
        "asr --channel, -1, 0 to 2147483647",
        "score --prefixes, 0, 1 to 2147483647",
        "evaluate asr --strings, 0, 1 to 2147483647",
        "evaluate score --prefix, 0, 1 to 2147483647",
        "bench job --windows, 2559, 2560 to 1000000000",
        "bench job --rounds, 0, 1 to 10000",
        "bench batching --windows, 20479, 20480 to 1000000000",
        "bench batching --rounds, 0, 1 to 10000",
        "bench operators --texts, 2559, 2560 to 1000000000",
        "bench operators --swaps, 0, 1 to 10000",
        "bench operators --rounds, 0, 1 to 10000",
        "bench sql --windows, 0, 2560 to 1000000000",
        "bench sql --rounds, 0, 1 to 10000",
        "bench startup --jvms, 0, 1 to 10000",
        "bench streams --streams, 0, 1 to 1000000",
        "bench calls --seconds, 0, 1 to 10000"
    })
    void aNumberOutOfBoundsIsWrongUsage(String command, String number, String bounds) {
        Cli cli = Cli.run((command + "=" + number).split(" "));
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err())
                .contains("'" + command.substring(command.indexOf("--")) + "'")
                .contains("expected " + bounds + ", found " + number);
    }

    @Test
    void anEmptyNameIsNotTheCurrentFolder() {
        for (String command : List.of("asr", "score")) {
            Cli cli = Cli.run(command, "");
            assertThat(cli.code()).isEqualTo(2);
            assertThat(cli.err()).contains("(INPUT): expected a name, found none");
            Cli output = Cli.run(command, "--output=", "pom.xml");
            assertThat(output.code()).isEqualTo(2);
            assertThat(output.err()).contains("'--output': expected a name, found none");
        }
    }

    @Test
    void standardInputIsReadOnce() {
        for (String command : List.of("asr", "score")) {
            Cli cli = Cli.run(command, "-", "-");
            assertThat(cli.code()).isEqualTo(2);
            assertThat(cli.err()).contains("expected standard input (-) once");
        }
    }

    @Test
    void aClustersAddressThatIsNoneIsWrongUsage() {
        for (String address : new String[] {"localhost:8081", "http://localhost", "http:///", ""}) {
            Cli cli = Cli.run("cluster", "submit", "--to", address, "asr");
            assertThat(cli.code()).isEqualTo(2);
            assertThat(cli.err()).contains("--to: expected http://HOST:PORT, found " + address);
        }
    }

    @Test
    void aJobsWrongUsageNeedsNoClusterToBeFound() {
        Cli cli = Cli.run("cluster", "submit", "--to", "http://localhost:1", "asr", "FILE");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err())
                .contains("asr: Missing required options: '--model=DIR', '--output=DIR'")
                .contains("cluster submit --help");
    }

    @Test
    void aSavepointThatIsNoneNeedsNoClusterToBeFound(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("a.txt"));
        List<String> submit =
                List.of(
                        "cluster",
                        "submit",
                        "--to=http://localhost:1",
                        "--allow-non-restored-state");
        List<String> job = List.of("score", "--model=m", "--output=o", file.toString());
        Cli alone = Cli.run(Stream.of(submit, job).flatMap(List::stream).toArray(String[]::new));
        assertThat(alone.code()).isEqualTo(2);
        assertThat(alone.err())
                .contains("--allow-non-restored-state: expected --from-savepoint, too");

        List<String> from = List.of("--from-savepoint=" + folder);
        Cli none =
                Cli.run(Stream.of(submit, from, job).flatMap(List::stream).toArray(String[]::new));
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err())
                .startsWith("flink-sigmoid: " + folder + ": expected a savepoint or a checkpoint");
    }

    @Test
    void aClustersJobHasNoStandardInput() {
        Cli cli =
                Cli.run(
                        "cluster",
                        "submit",
                        "--to",
                        "http://localhost:1",
                        "score",
                        "--model",
                        "m",
                        "--output",
                        "o",
                        "FILE",
                        "-");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err())
                .contains("score: INPUT: expected files or tcp://HOST:PORT, found -: a job on a");
    }

    @Test
    void aJobSaysItsOptionsWithoutACluster() {
        Cli cli = Cli.run("cluster", "submit", "--to", "http://localhost:1", "score", "--help");
        assertThat(cli.code()).isZero();
        assertThat(cli.out()).contains("Usage: ScoringJob", "--output=DIR");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "asr tcp://nowhere | expected tcp://HOST:PORT",
                "asr -Dfoo=1 FILE | -D: expected one of [inference.batch-timeout, ",
                "score -Dinference.max-batch-size=many FILE | 'many' for key"
                        + " 'inference.max-batch-size'",
                "asr -Dinference.max-batch-size=0 FILE | inference.max-batch-size: expected 1 or"
                        + " more, found 0",
                "asr -Dspeech.max-gap=1ms FILE | speech.max-gap: expected at least",
                "asr -Dtranscript.stream-timeout=0s FILE | transcript.stream-timeout: expected",
                "score -Dinference.concurrency=0 FILE | inference.concurrency: expected 1 to",
                "score -Dtext.max-characters=0 FILE | text.max-characters: expected 1 or more",
                "bench calls -Dinference.max-in-flight=1 | inference.max-in-flight: expected at",
                "bench calls -Dfoo=1 | -D: expected one of [inference.batch-timeout, ",
                "bench streams --threads 2 | --threads: expected 1, as bench streams measures one",
                "bench operators --threads 2 | --threads: expected 1, as bench operators measures",
                "bench streams --streams , | --streams: expected at least one number, found none",
                "bench streams --streams 7,7 | --streams: expected ascending numbers, found 7 after"
                        + " 7",
                "score tcp://nowhere | expected tcp://HOST:PORT",
                "score --growing FILE | --growing: expected --sessions or --sliding, too",
                "score -Dtext.separator=, FILE | text.separator: expected --sessions or"
                        + " --sliding, too",
                "score -Dinference.breaker.cool-down=5s FILE | found inference.breaker.cool-down",
                "score --sessions 0s FILE | --sessions: expected a duration such as 5min, found 0s",
                "score --sliding 1s/2s FILE | --sliding: expected a SLIDE of at most SIZE, found"
                        + " 1s/2s",
                "score --per-second 0 FILE | --per-second: expected more than 0, found 0.0",
                "evaluate asr --model digits-ctc --data DIR --indices x | --indices: expected"
                        + " numbers"
            })
    void argumentsThatMeanNothingAreWrongUsage(String command, String message, @TempDir Path folder)
            throws IOException {
        Path file = Files.createFile(folder.resolve("empty"));
        String arguments =
                command.replace("FILE", file.toString()).replace("DIR", folder.toString());
        Cli cli = Cli.run(arguments.split(" "));
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains(message).contains("--help").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"job", "batching", "operators", "sql", "startup", "streams", "calls"})
    void theDefaultsOfAMeasurementAreWithinItsBounds(String name) {
        FlinkSigmoid.commandLine().parseArgs("bench", name);
        assertThat(Cli.run("bench", name, "--help").out())
                .contains("Default: ")
                .doesNotContain("DEFAULT-VALUE", "null");
    }

    @Test
    void theGpuBenchmarkSaysWhatIsMissing() {
        // The JVM of these tests is started without TornadoVM's flags, so something always is.
        BackendProvider tornado =
                Backends.providers().stream()
                        .filter(provider -> provider.name().equals("tornado"))
                        .findFirst()
                        .orElseThrow();
        Availability.Unavailable missing = (Availability.Unavailable) tornado.availability();
        Cli cli = Cli.run("bench", "gpu", "--json");
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.out()).isEmpty();
        assertThat(missing.remedy()).contains("TORNADOVM_HOME");
        assertThat(cli.err()).contains("bench gpu: " + missing.reason(), missing.remedy());
    }

    @TestFactory
    Stream<DynamicTest> everyCommandExplainsItselfAndEachOfItsOptions() {
        return commands(FlinkSigmoid.commandLine())
                .map(
                        line ->
                                DynamicTest.dynamicTest(
                                        line.getCommandSpec().qualifiedName(),
                                        () -> explains(line)));
    }

    private static Stream<CommandLine> commands(CommandLine line) {
        return Stream.concat(
                Stream.of(line),
                line.getSubcommands().values().stream().flatMap(CommandLineTest::commands));
    }

    private static void explains(CommandLine line) {
        CommandLine.Model.CommandSpec spec = line.getCommandSpec();
        assertThat(spec.usageMessage().description()).as("description").isNotEmpty();
        assertThat(spec.options())
                .allSatisfy(
                        option ->
                                assertThat(option.description())
                                        .as(List.of(option.names()).toString())
                                        .isNotEmpty());
    }
}
