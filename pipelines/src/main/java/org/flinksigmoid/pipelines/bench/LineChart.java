package org.flinksigmoid.pipelines.bench;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

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
    private static final int LEFT = 70;
    private static final int RIGHT = 500;
    private static final int TOP = 40;
    private static final int BOTTOM = 450;

    /** Told apart by the colour-blind, too (Okabe and Ito). */
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000");

    /** How values are spread over an axis. */
    public enum Scale {
        /** Evenly, from 0. */
        LINEAR,
        /** Powers of two evenly. */
        BINARY;

        double place(double value) {
            return this == LINEAR ? value : Math.log(value) / Math.log(2);
        }

        /** What stands at a tick. */
        String label(double place) {
            double value = this == LINEAR ? place : Math.pow(2, place);
            return new BigDecimal(value, new MathContext(4)).stripTrailingZeros().toPlainString();
        }

        /** Places of the ticks for values up to {@code most}, from {@code least} on. */
        List<Double> ticks(double least, double most) {
            if (this == LINEAR) {
                double step = roundStep(most / 6);
                int last = Math.max(1, (int) Math.ceil(most / step));
                return IntStream.rangeClosed(0, last).mapToObj(i -> i * step).toList();
            }
            int first = (int) Math.floor(place(least) + 1e-9);
            int last = Math.max(first + 1, (int) Math.ceil(place(most) - 1e-9));
            return IntStream.rangeClosed(first, last).mapToObj(power -> (double) power).toList();
        }

        /** 1, 2 or 5 times a power of ten, at least {@code step}. */
        private static double roundStep(double step) {
            double power = step > 0 ? Math.pow(10, Math.floor(Math.log10(step))) : 1;
            return DoubleStream.of(1, 2, 5)
                    .map(digit -> digit * power)
                    .filter(round -> round >= step)
                    .findFirst()
                    .orElse(10 * power);
        }
    }

    /**
     * An axis.
     *
     * @param title what it shows, and in which unit
     * @param scale how values are spread
     */
    public record Axis(String title, Scale scale) {}

    /** An axis on paper: from the first tick, at pixel {@code from}, to the last, at {@code to}. */
    private record Ruler(Scale scale, List<Double> ticks, int from, int to) {
        static Ruler of(Scale scale, List<Double> values, int from, int to) {
            double least = values.stream().min(Double::compare).orElse(1.0);
            double most = values.stream().max(Double::compare).orElse(1.0);
            return new Ruler(scale, scale.ticks(least, most), from, to);
        }

        double at(double value) {
            return pixel(scale.place(value));
        }

        double pixel(double place) {
            double first = ticks.getFirst();
            return from + (to - from) * (place - first) / (ticks.getLast() - first);
        }
    }

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
     * @throws IOException if the file can't be written
     */
    public void writeSvg(Path file) throws IOException {
        List<Double> across = new ArrayList<>();
        List<Double> up = new ArrayList<>();
        lines.values().forEach(points -> across.addAll(points.keySet()));
        lines.values().forEach(points -> up.addAll(points.values()));
        Ruler columns = Ruler.of(x.scale(), across, LEFT, RIGHT);
        Ruler rows = Ruler.of(y.scale(), up, BOTTOM, TOP);
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>%n<svg"
                        + " xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n<rect width=\"%d\""
                        + " height=\"%d\" fill=\"white\"/>%n",
                WIDTH,
                HEIGHT,
                WIDTH,
                HEIGHT);
        text(svg, (LEFT + RIGHT) / 2.0, TOP - 15, "middle", title);
        text(svg, (LEFT + RIGHT) / 2.0, BOTTOM + 38, "middle", x.title());
        add(svg, "<g transform=\"translate(18 %d) rotate(-90)\">", (TOP + BOTTOM) / 2);
        text(svg, 0, 0, "middle", y.title());
        add(svg, "</g>%n");
        for (double tick : columns.ticks()) {
            double at = columns.pixel(tick);
            line(svg, at, TOP, at, BOTTOM);
            text(svg, at, BOTTOM + 18, "middle", x.scale().label(tick));
        }
        for (double tick : rows.ticks()) {
            double at = rows.pixel(tick);
            line(svg, LEFT, at, RIGHT, at);
            text(svg, LEFT - 6, at + 4, "end", y.scale().label(tick));
        }
        int index = 0;
        for (Map.Entry<String, SortedMap<Double, Double>> each : lines.entrySet()) {
            String colour = COLOURS.get(index % COLOURS.size());
            draw(svg, colour, columns, rows, each.getValue());
            int at = TOP + 10 + 20 * index;
            circle(svg, colour, RIGHT + 18, at);
            text(svg, RIGHT + 28, at + 4, "start", each.getKey());
            index++;
        }
        Files.writeString(file, svg.append("</svg>\n"));
    }

    private static void draw(
            StringBuilder svg,
            String colour,
            Ruler columns,
            Ruler rows,
            SortedMap<Double, Double> points) {
        String path =
                points.entrySet().stream()
                        .map(
                                point ->
                                        String.format(
                                                Locale.ROOT,
                                                "%.1f,%.1f",
                                                columns.at(point.getKey()),
                                                rows.at(point.getValue())))
                        .collect(Collectors.joining(" "));
        add(svg, "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\"/>%n", path, colour);
        points.forEach((a, b) -> circle(svg, colour, columns.at(a), rows.at(b)));
    }

    private static void circle(StringBuilder svg, String colour, double x, double y) {
        add(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>%n", x, y, colour);
    }

    private static void line(StringBuilder svg, double x1, double y1, double x2, double y2) {
        add(
                svg,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#cccccc\"/>%n",
                x1,
                y1,
                x2,
                y2);
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String words) {
        String escaped = words.replace("&", "&amp;").replace("<", "&lt;");
        add(
                svg,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                x,
                y,
                anchor,
                escaped);
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
