package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.BackendProvider;
import org.flinksigmoid.kernels.backend.Backends;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    void benchAloneIsWrongUsageAndSaysWhatToTry() {
        Cli cli = Cli.run("bench");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("expected what to measure", "flink-sigmoid bench --help");
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
        "cluster submit --checkpoint-seconds, 0, 1 to 2147483647"
    })
    void aNumberOutOfBoundsIsWrongUsage(String command, String number, String bounds) {
        Cli cli = Cli.run((command + "=" + number).split(" "));
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err())
                .contains("'" + command.substring(command.indexOf("--")) + "'")
                .contains("expected " + bounds + ", found " + number);
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
