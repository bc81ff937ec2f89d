package org.flinksigmoid.pipelines.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.flinksigmoid.pipelines.bench.LineChart.Axis;
import org.flinksigmoid.pipelines.bench.LineChart.Scale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineChartTest {
    @TempDir private Path folder;

    @Test
    void writesOneMarkForEachPointAndOneForEachLineOfTheLegend() throws Exception {
        Path file = folder.resolve("chart.svg");
        var ours = new TreeMap<>(Map.of(256.0, 200.0, 1024.0, 340.0, 8192.0, 390.0));
        var theirs = new TreeMap<>(Map.of(256.0, 180.0, 1024.0, 270.0));
        new LineChart(
                        "speed",
                        new Axis("sequence length", Scale.BINARY),
                        new Axis("TFLOP/s", Scale.LINEAR),
                        Map.of("ours", ours, "theirs", theirs))
                .writeSvg(file);
        assertThat(Files.readString(file))
                .startsWith("<?xml")
                .contains("<svg")
                .satisfies(svg -> assertThat(svg.split("<ellipse")).hasSize(1 + 3 + 2 + 2));
    }

    @Test
    void whetherAFileCanBeWrittenIsFoundOutWithoutATrace() throws Exception {
        Path there = Files.writeString(folder.resolve("there.svg"), "before");
        Path missing = folder.resolve("missing.svg");
        Path link = Files.createSymbolicLink(folder.resolve("link.svg"), missing);
        for (Path file : List.of(there, missing, link)) {
            LineChart.requireWritable(file);
        }
        assertThat(there).hasContent("before");
        assertThat(missing).doesNotExist();
        assertThat(link).isSymbolicLink();
    }

    @Test
    void powersLieEvenlyAndCarryTheirValue() {
        assertThat(Scale.BINARY.place(512) - Scale.BINARY.place(256)).isEqualTo(1);
        assertThat(Scale.BINARY.label(Scale.BINARY.place(8192))).isEqualTo("8192");
        assertThat(Scale.BINARY.label(8.5)).isEmpty();
        assertThat(Scale.BINARY.label(Scale.BINARY.place(0.25))).isEqualTo("0.25");
        assertThat(Scale.LINEAR.label(100)).isEqualTo("100");
        assertThat(Scale.LINEAR.label(0.25)).isEqualTo("0.25");
    }
}
