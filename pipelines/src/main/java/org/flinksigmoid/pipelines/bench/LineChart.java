package org.flinksigmoid.pipelines.bench;

import java.awt.BasicStroke;
import java.awt.GraphicsEnvironment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Lines over one axis, as an SVG file.
 *
 * @param title above the plot
 * @param x axis from left to right
 * @param y axis from bottom to top
 * @param lines points of each line, by its name, in the order of the legend
 */
public record LineChart(
        String title, Axis x, Axis y, Map<String, SortedMap<Double, Double>> lines) {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 500;
    private static final Pattern LONG_NUMBER = Pattern.compile("-?\\d+\\.\\d{3,}");

    /** How values are spread over an axis. */
    public enum Scale {
        /** Evenly. */
        LINEAR,
        /** Powers of two evenly. */
        BINARY;

        private static final MathContext SHORT = new MathContext(4);

        double place(double value) {
            return this == LINEAR ? value : Math.log(value) / Math.log(2);
        }

        /** What stands at a tick; nothing between powers. */
        String label(double place) {
            if (this != LINEAR && Math.abs(place - Math.rint(place)) > 1e-6) {
                return "";
            }
            double value = this == LINEAR ? place : Math.pow(2, Math.rint(place));
            return new BigDecimal(value, SHORT).stripTrailingZeros().toPlainString();
        }
    }

    /**
     * An axis.
     *
     * @param title what it shows, and in which unit
     * @param scale how values are spread
     */
    public record Axis(String title, Scale scale) {}

    /** Copies the lines. */
    public LineChart {
        Map<String, SortedMap<Double, Double>> copy = new LinkedHashMap<>();
        lines.forEach((name, points) -> copy.put(name, new TreeMap<>(points)));
        lines = copy;
    }

    /**
     * Fails where a chart's file can't be written, while there is nothing yet that would be lost.
     *
     * @throws IOException saying why
     */
    public static void requireWritable(Path file) throws IOException {
        boolean there = Files.exists(file);
        if (there && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
            return; // what is written to a pipe has gone
        }
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
        if (!there) {
            Files.delete(file.toRealPath()); // a link stays
        }
    }

    /**
     * Writes the chart.
     *
     * @throws IOException if the file can't be written, or if this machine has no fonts
     */
    public void writeSvg(Path file) throws IOException {
        requireFonts();
        XYChart chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .theme(ChartTheme.Matlab)
                        .title(title)
                        .xAxisTitle(x.title())
                        .yAxisTitle(y.title())
                        .build();
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        // dashes come as an outline each
        chart.getStyler().setPlotGridLinesStroke(new BasicStroke(.5f));
        chart.setCustomXAxisTickLabelsFormatter(x.scale()::label);
        chart.setCustomYAxisTickLabelsFormatter(y.scale()::label);
        if (y.scale() == Scale.LINEAR) {
            chart.getStyler().setYAxisMin(0.0);
        }
        lines.forEach((name, points) -> add(chart, name, points));
        ByteArrayOutputStream svg = new ByteArrayOutputStream();
        VectorGraphicsEncoder.saveVectorGraphic(chart, svg, VectorGraphicsFormat.SVG);
        Files.writeString(file, rounded(svg.toString(StandardCharsets.UTF_8)));
    }

    /** Text comes as outlines with 15 digits to a coordinate: two decimals are a third the size. */
    private static String rounded(String svg) {
        return LONG_NUMBER
                .matcher(svg)
                .replaceAll(
                        number ->
                                new BigDecimal(number.group())
                                        .setScale(2, RoundingMode.HALF_EVEN)
                                        .stripTrailingZeros()
                                        .toPlainString());
    }

    /**
     * Java draws text with the system's fonts; small containers have none.
     *
     * @throws IOException if there are none
     */
    public static void requireFonts() throws IOException {
        try {
            GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames();
        } catch (RuntimeException | InternalError | NoClassDefFoundError e) {
            throw new IOException(
                    "a chart needs fonts, and Java finds none here: install fontconfig and a font"
                            + " (fonts-dejavu-core, for example)",
                    e);
        }
    }

    private void add(XYChart chart, String name, SortedMap<Double, Double> points) {
        List<Double> across = points.keySet().stream().map(x.scale()::place).toList();
        List<Double> up = points.values().stream().map(y.scale()::place).toList();
        chart.addSeries(name, across, up).setMarker(SeriesMarkers.CIRCLE);
    }
}
