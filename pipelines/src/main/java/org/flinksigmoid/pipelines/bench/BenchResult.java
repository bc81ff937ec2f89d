package org.flinksigmoid.pipelines.bench;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a benchmark found.
 *
 * @param bench its name
 * @param ratios what was compared, as one number each
 * @param rows the measurements behind them
 */
public record BenchResult(String bench, Map<String, Double> ratios, List<Row> rows) {
    /** Copies the collections; ratios stand in the order of their names. */
    public BenchResult {
        ratios = Collections.unmodifiableMap(new TreeMap<>(ratios));
        rows = List.copyOf(rows);
    }

    /** The middle one of some values; the mean of the two in the middle. */
    public static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(half)
                : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    /**
     * One measurement.
     *
     * @param name what ran
     * @param unit what is counted, such as windows or texts
     * @param perSecond median over the rounds
     * @param slowest the slowest round
     * @param fastest the fastest round
     */
    public record Row(String name, String unit, double perSecond, double slowest, double fastest) {
        /** Of the rounds' rates, in windows. */
        static Row of(String name, List<Double> rates) {
            return of(name, "windows", rates);
        }

        /** Of the rounds' rates. */
        static Row of(String name, String unit, List<Double> rates) {
            return new Row(
                    name, unit, median(rates), Collections.min(rates), Collections.max(rates));
        }
    }
}
