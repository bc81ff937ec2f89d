package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.flinksigmoid.kernels.bench.GrowthBench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowthBenchCommandTest {
    @TempDir private Path folder;

    @Test
    void growthIsMeasuredFittedAndDrawn() throws IOException {
        GrowthBench.Sizes few = new GrowthBench.Sizes(512, 4, 3, 0);
        StringWriter out = new StringWriter();
        Path svg = folder.resolve("growth.svg");
        GrowthBenchCommand.run(
                new PrintWriter(out), new PrintWriter(new StringWriter()), true, 1, few, svg);
        JsonNode result = new ObjectMapper().readTree(out.toString());
        assertThat(result.get("bench").asText()).isEqualTo("growth");
        assertThat(result.get("rows").size()).isEqualTo(few.points()).isEqualTo(6);
        assertThat(result.get("rows").elements())
                .toIterable()
                .allSatisfy(
                        row -> assertThat(row.get("microseconds_a_token").asDouble()).isPositive());
        assertThat(result.get("ratios").elements())
                .toIterable()
                .hasSize(3)
                .allSatisfy(exponent -> assertThat(exponent.asDouble()).isFinite());
        assertThat(Files.readString(svg)).startsWith("<?xml").contains("<svg");
    }

    @Test
    void aChartThatCannotBeWrittenIsSaidBeforeAnythingIsMeasured() {
        GrowthBench.Sizes few = new GrowthBench.Sizes(512, 4, 3, 0);
        for (Path svg : List.of(folder.resolve("missing/growth.svg"), folder)) {
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            assertThatThrownBy(
                            () ->
                                    GrowthBenchCommand.run(
                                            new PrintWriter(out, true),
                                            new PrintWriter(err, true),
                                            false,
                                            1,
                                            few,
                                            svg))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(svg.toString());
            assertThat(out.toString()).isEmpty();
        }
        assertThat(folder).isEmptyDirectory();
    }
}
