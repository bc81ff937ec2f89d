package org.flinksigmoid.kernels.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What Nsight Compute writes with {@code --csv --print-units base}: one line a launch and metric,
 * between other lines.
 *
 * @param launches of each launch, in order, its metrics by name, summed over its kernels
 */
record ProfilerLog(List<Map<String, Double>> launches) {
    /** A kernel's duration, in nanoseconds. */
    static final String DURATION = "gpu__time_duration.sum";

    /** What the second kernel is called with which FlashAttention-2 adds up keys in parts. */
    private static final String SECOND = "splitkv_combine";

    /** Launches of one kernel on one shape; the first warms up. */
    static final int LAUNCHES = 4;

    private static final Pattern FIELD = Pattern.compile("\"((?:[^\"]|\"\")*)\"");

    /** Reads a log file; two kernels that are one launch's count as one. */
    static ProfilerLog read(Path file) throws IOException {
        Map<String, Map<String, Double>> launches = new LinkedHashMap<>();
        List<String> header = List.of();
        String launch = "";
        for (String line : Files.readAllLines(file)) {
            List<String> fields = fields(line);
            if (fields.contains("Metric Value")) {
                header = fields;
            } else if (!header.isEmpty() && fields.size() == header.size()) {
                if (!fields.get(header.indexOf("Kernel Name")).contains(SECOND)) {
                    launch = fields.get(header.indexOf("ID"));
                }
                launches.computeIfAbsent(launch, id -> new LinkedHashMap<>())
                        .merge(
                                fields.get(header.indexOf("Metric Name")),
                                Double.valueOf(
                                        fields.get(header.indexOf("Metric Value"))
                                                .replace(",", "")),
                                Double::sum);
            }
        }
        return new ProfilerLog(List.copyOf(launches.values()));
    }

    private static List<String> fields(String line) {
        return FIELD.matcher(line).results().map((MatchResult field) -> field.group(1)).toList();
    }

    /**
     * The median of each metric over the launches of one kernel and shape, in the order of these.
     *
     * @param groups how many there should be
     * @throws IllegalStateException if there are more or fewer launches
     */
    List<Map<String, Double>> medians(int groups) {
        if (launches.size() != groups * LAUNCHES) {
            throw new IllegalStateException(
                    "profiler: expected %d launches (%d kernels and shapes, %d each), found %d"
                            .formatted(groups * LAUNCHES, groups, LAUNCHES, launches.size()));
        }
        List<Map<String, Double>> medians = new ArrayList<>();
        for (int first = 0; first < launches.size(); first += LAUNCHES) {
            List<Map<String, Double>> group = launches.subList(first + 1, first + LAUNCHES);
            Map<String, Double> median = new LinkedHashMap<>();
            for (String metric : group.getFirst().keySet()) {
                double[] values = group.stream().mapToDouble(all -> all.get(metric)).toArray();
                Arrays.sort(values);
                median.put(metric, values[values.length / 2]);
            }
            medians.add(median);
        }
        return medians;
    }
}
