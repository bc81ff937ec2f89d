package org.flinksigmoid.pipelines.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What the job did under a growing number of callers.
 *
 * @param rows one a stage
 * @param chunks pieces of audio that the callers handed in, over all stages
 * @param windows windows that the front end made of them
 * @param results windows that the encoder gave results for
 * @param problems audio that was late, missing or unusable, windows that failed
 */
public record CallsResult(List<Row> rows, long chunks, long windows, long results, long problems) {
    /** Longest time, of 99 of 100 windows, from the end of the window's audio to its result. */
    public static final int P99_MILLIS = 300;

    /**
     * A stage.
     *
     * @param streams callers at once
     * @param windows windows that counted
     * @param windowsPerSecond of them
     * @param median milliseconds from the end of a window's audio to its log-probabilities
     * @param p99 99 of 100 took at most so many
     * @param transcripts results that windows led to, those that may still change included
     * @param transcriptP99 99 of 100 of these left the job at most so many milliseconds after the
     *     end of their window's audio
     * @param batch mean windows of a batch
     * @param gpu share of the time in which a kernel ran; empty where nobody tells
     * @param processors that the process kept busy
     * @param available processors that there are
     * @param stages processors that each part of the job kept busy
     * @param bottleneck what is nearest to its limit, and how near
     */
    public record Row(
            int streams,
            long windows,
            double windowsPerSecond,
            int median,
            int p99,
            long transcripts,
            int transcriptP99,
            double batch,
            OptionalDouble gpu,
            double processors,
            int available,
            Map<String, Double> stages,
            String bottleneck) {
        /** Whether windows came in time, and all of them. */
        public boolean inTime() {
            return windows > 0 && p99 < P99_MILLIS && transcriptP99 < P99_MILLIS;
        }
    }

    /** The most callers whose windows came in time; empty if no stage's did. */
    public OptionalInt mostStreams() {
        return rows.stream().filter(Row::inTime).mapToInt(Row::streams).max();
    }

    /** What is nearest to its limit. */
    static String bottleneck(OptionalDouble gpu, ProcessorUse.Use use, int available) {
        Map<String, Double> shares = new TreeMap<>();
        gpu.ifPresent(share -> shares.put("the GPU", share));
        shares.put("the %d processors".formatted(available), use.all() / available);
        use.groups()
                .forEach(
                        (name, group) ->
                                shares.put(
                                        "the threads of " + name,
                                        group.processors() / group.threads()));
        return shares.entrySet().stream()
                .max(Comparator.comparingDouble(Map.Entry::getValue))
                .map(most -> "%s, %.0f %% busy".formatted(most.getKey(), 100 * most.getValue()))
                .orElseThrow();
    }
}
