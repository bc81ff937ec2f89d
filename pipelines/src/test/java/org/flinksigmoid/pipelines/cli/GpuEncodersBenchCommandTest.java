package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.bench.GpuEncoderRow;
import org.junit.jupiter.api.Test;

class GpuEncodersBenchCommandTest {
    private static GpuEncoderRow row(String encoder, Map<String, Double> peers) {
        return new GpuEncoderRow(encoder, "half", 64, 256, 3, .1, 3.25, 3.5, 3.0, 2.75, peers);
    }

    @Test
    void theTableComparesWhereThereIsAPeer() {
        StringWriter text = new StringWriter();
        GpuEncodersBenchCommand.printTable(
                new PrintWriter(text),
                List.of(row("text", Map.of("PyTorch", 6.5)), row("digits", Map.of())));
        assertThat(text.toString().lines())
                .containsExactly(
                        "| encoder | arithmetic | batch x n | wall ms | p90 | kernels ms | beyond"
                                + " them us | kernels in a row ms | PyTorch ms (ratio) |",
                        "|---|---|---|---|---|---|---|---|---|",
                        "| text | half | 64 x 256 | 3.250 | 3.500 | 3.000 | 250 | 2.750 | 6.50"
                                + " (2.00) |",
                        "| digits | half | 64 x 256 | 3.250 | 3.500 | 3.000 | 250 | 2.750 |  |");
    }

    @Test
    void withoutAGpuItSaysWhatIsMissing() {
        assumeTrue(System.getenv("TORNADOVM_HOME") == null, "there is a GPU backend");
        Cli cli = Cli.run("bench", "gpu-encoders");
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains("bench gpu-encoders: ", "TORNADOVM_HOME");
        assertThat(cli.out()).isEmpty();
    }
}
