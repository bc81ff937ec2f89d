package org.flinksigmoid.pipelines.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.flinksigmoid.pipelines.bench.LineChart.Axis;
import org.flinksigmoid.pipelines.bench.LineChart.Scale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class LineChartTest {
    @TempDir private Path folder;

    @Test
    void writesOneMarkForEachPointAndOneForEachLineOfTheLegend() throws Exception {
        var ours = new TreeMap<>(Map.of(256.0, 200.0, 1024.0, 340.0, 8192.0, 390.0));
        var theirs = new TreeMap<>(Map.of(256.0, 180.0, 1024.0, 270.0));
        Element svg = write(Map.of("ours", ours, "theirs & others <2>", theirs));
        assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(3 + 2 + 2);
        assertThat(texts(svg))
                .contains("speed", "sequence length", "TFLOP/s", "ours", "theirs & others <2>")
                .contains("256", "512", "1024", "2048", "4096", "8192", "0", "100", "400")
                .doesNotContain("128", "16384", "500");
    }

    @Test
    void aPointLiesAtTheTicksOfItsValues() throws Exception {
        Element svg = write(Map.of("one", new TreeMap<>(Map.of(512.0, 200.0))));
        Element mark = (Element) svg.getElementsByTagName("circle").item(0);
        assertThat(place(svg, "512", "x")).isEqualTo(mark.getAttribute("cx"));
        double baseline = Double.parseDouble(place(svg, "200", "y")); // of the tick's label
        assertThat(Double.parseDouble(mark.getAttribute("cy"))).isEqualTo(baseline - 4);
    }

    @Test
    void aChartOfNothingIsAChart() throws Exception {
        assertThat(write(Map.of()).getElementsByTagName("circle").getLength()).isZero();
    }

    private Element write(Map<String, TreeMap<Double, Double>> lines) throws Exception {
        Path file = folder.resolve("chart.svg");
        new LineChart(
                        "speed",
                        new Axis("sequence length", Scale.BINARY),
                        new Axis("TFLOP/s", Scale.LINEAR),
                        new TreeMap<>(lines))
                .writeSvg(file);
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(file.toFile())
                .getDocumentElement();
    }

    private static List<String> texts(Element svg) {
        NodeList found = svg.getElementsByTagName("text");
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> found.item(i).getTextContent())
                .toList();
    }

    /** Where a text stands. */
    private static String place(Element svg, String text, String axis) {
        NodeList found = svg.getElementsByTagName("text");
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> (Element) found.item(i))
                .filter(each -> each.getTextContent().equals(text))
                .map(each -> each.getAttribute(axis))
                .findFirst()
                .orElseThrow();
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
        assertThat(Scale.LINEAR.label(100)).isEqualTo("100");
        assertThat(Scale.LINEAR.label(0.25)).isEqualTo("0.25");
        assertThat(Scale.LINEAR.ticks(0, 0.9))
                .extracting(Scale.LINEAR::label)
                .containsExactly("0", "0.2", "0.4", "0.6", "0.8", "1");
        assertThat(Scale.BINARY.ticks(0.3, 1)).containsExactly(-2.0, -1.0, 0.0);
    }
}
