package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.bench.GpuRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuBenchCommandTest {
    @TempDir private Path folder;

    private static GpuRow row(String kind, int n, Map<String, Double> peers) {
        return new GpuRow(
                kind, 64, "fp16", 2, 16, n, 1e9, 3.5e-4, 10, Map.of("tensor", 61.7), peers);
    }

    @Test
    void theTableComparesWhereThereIsAPeer() {
        StringWriter text = new StringWriter();
        GpuBenchCommand.printTable(
                new PrintWriter(text),
                List.of(row("dense", 256, Map.of("FA2", 12.5)), row("window", 256, Map.of())));
        assertThat(text.toString().lines())
                .containsExactly(
                        "| kind | d | type | B,H,n | us | TFLOP/s | error | tensor % | FA2 us"
                                + " (ratio) |",
                        "|---|---|---|---|---|---|---|---|---|",
                        "| dense | 64 | fp16 | 2,16,256 | 10.0 | 100 | 3.5e-04 | 62 | 12.5 (1.25)"
                                + " |",
                        "| window | 64 | fp16 | 2,16,256 | 10.0 | 100 | 3.5e-04 | 62 |  |");
    }

    @Test
    void theChartShowsDenseAttentionOfBoth() {
        var lines =
                GpuBenchCommand.chart(
                                List.of(
                                        row("dense", 256, Map.of("FA2", 20.0)),
                                        row("dense", 512, Map.of("FA2", 20.0)),
                                        row("causal", 512, Map.of("FA2", 20.0))))
                        .lines();
        assertThat(lines).containsOnlyKeys("ours, d = 64", "FA2, d = 64");
        assertThat(lines.get("FA2, d = 64")).isEqualTo(Map.of(256.0, 50.0, 512.0, 50.0));
    }

    @Test
    void anEarlierResultIsPrintedAndDrawnAgain() throws Exception {
        Path json = folder.resolve("result.json");
        Path svg = folder.resolve("chart.svg");
        Files.writeString(
                json,
                """
                {"bench":"gpu","card":"a card","date":"2026-11-24","timer":"events","notes":["slow"],
                 "rows":[{"kind":"dense","width":64,"type":"fp16","batch":2,"heads":16,"n":256,
                 "flops":1e9,"error":3e-4,"microseconds":10.0,"counters":{},"peers":{"FA2":12.5},
                 "teraflops":100.0}]}
                """);
        Cli table = Cli.run("bench", "gpu", "--from", json.toString(), "--svg", svg.toString());
        assertThat(table.code()).isZero();
        assertThat(table.out()).contains("a card, 2026-11-24; times by events", "12.5 (1.25)");
        assertThat(table.err()).contains("note: slow", "chart");
        Cli again =
                Cli.run(
                        "bench",
                        "gpu",
                        "--json",
                        "--from",
                        json.toString(),
                        "--svg",
                        svg.toString());
        Files.writeString(json, again.out());
        assertThat(
                        Cli.run("bench", "gpu", "--from", json.toString(), "--svg", svg.toString())
                                .out())
                .isEqualTo(table.out());
    }

    @Test
    void aChartThatCannotBeWrittenIsSaidBeforeAnythingIsMeasured() {
        Path svg = folder.resolve("missing/chart.svg");
        Cli cli = Cli.run("bench", "gpu", "--svg", svg.toString());
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).startsWith("flink-sigmoid: " + svg + ": no such file or folder");
        assertThat(cli.out()).isEmpty();
    }

    @Test
    void anotherFileIsNoEarlierResult() throws Exception {
        Path json = Files.writeString(folder.resolve("other.json"), "{}");
        Cli cli = Cli.run("bench", "gpu", "--from", json.toString());
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains("expected what bench gpu --json printed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"bench": | Unexpected end-of-input
                    {"bench":"gpu"} | no row
                    {"bench":"gpu","rows":[null]} | no row, or one without a shape or a time
                    {"bench":"gpu","rows":[{"kind":"dense","type":"fp16","n":9,"flops":1}]} | a time
                    {"bench":"gpu","rows":[{"kind":"dense","width":"x"}]} | from String "x"
                    """)
    void whatIsWrongWithAnEarlierResultIsSaidWithItsFile(String text, String found)
            throws Exception {
        Path json = Files.writeString(folder.resolve("broken.json"), text);
        Path svg = folder.resolve("chart.svg");
        Cli cli = Cli.run("bench", "gpu", "--from", json.toString(), "--svg", svg.toString());
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err())
                .startsWith(
                        "flink-sigmoid: "
                                + json
                                + ": expected what bench gpu --json printed, found")
                .contains(found)
                .doesNotContain("Exception");
        assertThat(cli.out()).isEmpty();
    }

    @Test
    void aChartDoesNotTakeThePlaceOfTheResultThatItIsDrawnFrom() throws Exception {
        Path json = Files.writeString(folder.resolve("result.json"), "{}");
        Path link = Files.createSymbolicLink(folder.resolve("link.svg"), json);
        Cli cli = Cli.run("bench", "gpu", "--from", json.toString(), "--svg", link.toString());
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("--svg: expected another file than --from's");
        assertThat(json).hasContent("{}");
    }

    @Test
    void aShapeThatNoKernelHasIsWrongUsage() {
        Cli cli = Cli.run("bench", "gpu", "--shape", "dense,48,fp16,1,1,100");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err())
                .contains("'--shape'", "expected a head of 32, 64, 96 or 128, found 48");
    }

    @Test
    void nothingIsMeasuredOfAnEarlierResult() {
        Cli cli =
                Cli.run(
                        "bench",
                        "gpu",
                        "--from",
                        "result.json",
                        "--shape",
                        "dense,64,fp16,1,1,100");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("--from measures nothing");
    }

    @Test
    void anotherJvmGetsThisOnesClassPath() {
        assertThat(JavaCommand.own())
                .contains(System.getProperty("java.class.path"))
                .first()
                .asString()
                .endsWith("java");
    }
}
