package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.pipelines.bench.StreamsBench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The form of what bench prints; how fast anything is, no test asks. */
class BenchCommandITCase {
    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({"encoder, 2", "job --windows 2560, 2", "sql --windows 2560, 4"})
    void printsOneJsonObjectLast(String command, int rows) throws IOException {
        String name = command.split(" ")[0];
        TinyCheckpoint checkpoint =
                name.equals("sql")
                        ? TinyCheckpoint.text("text-classification")
                        : TinyCheckpoint.speech();
        String model = checkpoint.write(folder.resolve("model")).toString();
        List<String> arguments = new ArrayList<>(List.of("bench"));
        arguments.addAll(List.of(command.split(" ")));
        arguments.addAll(List.of("--model", model, "--json"));
        if (!name.equals("encoder")) {
            arguments.addAll(List.of("--rounds", "1"));
        }
        Cli cli = Cli.run(arguments.toArray(String[]::new));
        assertThat(cli.code()).as(cli.err()).isZero();
        JsonNode result = new ObjectMapper().readTree(cli.lastLine());
        assertThat(result.get("bench").asText()).isEqualTo(name);
        assertThat(result.get("rows").size()).isEqualTo(rows);
        assertThat(result.get("ratios").elements())
                .toIterable()
                .allSatisfy(ratio -> assertThat(ratio.asDouble()).isPositive());
    }

    @Test
    void streamsReportTheirLatencies() throws IOException {
        String model = TinyCheckpoint.speech().write(folder.resolve("model")).toString();
        Cli cli =
                Cli.run(
                        "bench",
                        "streams",
                        "--model",
                        model,
                        "--streams",
                        "2,5",
                        "--seconds",
                        "1",
                        "--json");
        assertThat(cli.code()).as(cli.err()).isZero();
        JsonNode result = new ObjectMapper().readTree(cli.lastLine());
        assertThat(result.get("rows").size()).isEqualTo(2);
        assertThat(result.get("rows").get(1).get("streams").asInt()).isEqualTo(5);
        assertThat(result.get("rows").elements())
                .toIterable()
                .allSatisfy(
                        row -> assertThat(row.get("windows_per_second").asDouble()).isPositive())
                .allSatisfy(row -> assertThat(row.get("p99_ms").asDouble()).isPositive());
    }

    /** As where the process was halted while it should have been measured. */
    @Test
    void streamsGoOnUntilThereIsSomethingToCount() {
        Path model = TinyCheckpoint.speech().write(folder.resolve("model"));
        int[] one = {1};
        var rows = StreamsBench.run(model, ModelOptions.defaults(), one, 0, row -> {});
        assertThat(rows).singleElement().satisfies(row -> assertThat(row.p99()).isPositive());
    }

    @Test
    void cpuPrintsTheChosenRowsWithErrorBarsAndShares() throws IOException {
        Cli cli = Cli.run("bench", "cpu", "--rows", "^attention d = 64, n = (128|512),", "--json");
        assertThat(cli.code()).as(cli.err()).isZero();
        JsonNode result = new ObjectMapper().readTree(cli.lastLine());
        assertThat(result.get("rows").size()).isEqualTo(2);
        for (JsonNode row : result.get("rows")) {
            assertThat(row.get("low").asDouble()).isPositive();
            assertThat(row.get("ratio").asDouble())
                    .isBetween(row.get("low").asDouble(), row.get("high").asDouble());
            assertThat(row.get("share_of_peak").asDouble()).isPositive();
            assertThat(row.get("largest_possible_ratio").asDouble()).isPositive();
            assertThat(row.get("milliseconds").asDouble()).isPositive();
            assertThat(row.get("bytes_per_call").asDouble()).isNotNegative();
        }
    }

    @Test
    void cpuNamesItsRowsWhereNoneMatches() {
        Cli cli = Cli.run("bench", "cpu", "--rows", "coffee");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("coffee", "attention d = 128, n = 8192, 1 thread");
    }

    @Test
    void operatorsPrintsWhatWasLostBesideSpeedAndLatency() throws IOException {
        String model =
                TinyCheckpoint.text("text-classification").write(folder.resolve("m")).toString();
        Cli cli =
                Cli.run(
                        "bench",
                        "operators",
                        "--model",
                        model,
                        "--texts",
                        "2560",
                        "--swaps",
                        "2",
                        "--rounds",
                        "1",
                        "--json");
        assertThat(cli.code()).as(cli.err()).isZero();
        JsonNode result = new ObjectMapper().readTree(cli.lastLine());
        assertThat(result.get("bench").asText()).isEqualTo("operators");
        assertThat(result.get("ratios").get("operator/loop").asDouble()).isPositive();
        assertThat(value(result, "half the load, hot swaps")).isEqualTo(2);
        assertThat(value(result, "half the load, texts lost")).isZero();
    }

    private static double value(JsonNode result, String row) {
        for (JsonNode each : result.get("rows")) {
            if (each.get("name").asText().equals(row)) {
                return each.get("value").asDouble();
            }
        }
        throw new AssertionError("no row " + row + " in " + result);
    }

    @Test
    void anUnknownNameIsWrongUsage() {
        Cli cli = Cli.run("bench", "coffee");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("coffee");
    }

    @Test
    void anOptionOfAnotherMeasurementIsWrongUsage() {
        Cli cli = Cli.run("bench", "encoder", "--windows", "1600");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("--windows", "flink-sigmoid bench encoder --help");
    }
}
