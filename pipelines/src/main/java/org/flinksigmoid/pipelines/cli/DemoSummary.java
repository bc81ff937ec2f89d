package org.flinksigmoid.pipelines.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.flinksigmoid.pipelines.evaluation.WordErrors;
import org.flinksigmoid.pipelines.local.JobMetrics;

/** Puts a job's measurements into words. */
final class DemoSummary {
    private DemoSummary() {}

    static List<String> speech(double audioSeconds, double wallSeconds, DemoTranscripts heard) {
        double encoderSeconds =
                Arrays.stream(JobMetrics.values("asyncCallDurationMs")).sum() / 1000.0;
        List<String> lines = new ArrayList<>();
        lines.add(
                format(
                        "speech   %.1f s of audio in %.1f s; real-time factor %.3f in the encoder,"
                                + " %.2f in all",
                        audioSeconds,
                        wallSeconds,
                        encoderSeconds / audioSeconds,
                        wallSeconds / audioSeconds));
        WordErrors errors = heard.errors();
        if (errors.words() > 0) {
            lines.add(
                    format(
                            "         %d words said, %d errors: WER %.1f%%",
                            errors.words(), errors.errors(), 100 * errors.rate()));
        }
        heard.differences().forEach(line -> lines.add("         " + line));
        long[] delays = heard.delays();
        if (delays.length > 0) {
            lines.add(
                    format(
                            "         a word is shown %d ms after its end (p50), %d ms (p99)",
                            JobMetrics.quantile(delays, 0.5), JobMetrics.quantile(delays, 0.99)));
        }
        lines.add("         " + inference("windows"));
        return lines;
    }

    static List<String> texts() {
        return List.of("texts    " + inference("texts"));
    }

    private static String inference(String records) {
        long[] sizes = JobMetrics.values("batchSize");
        long[] latencies = JobMetrics.values("recordLatencyMs");
        return format(
                "%d %s in %d batches, sizes %d to %d (mean %.1f); latency p50 %d ms, p99 %d ms",
                JobMetrics.count("totalRecordsProcessed"),
                records,
                JobMetrics.count("totalBatchesProcessed"),
                JobMetrics.quantile(sizes, 0),
                JobMetrics.quantile(sizes, 1),
                Arrays.stream(sizes).average().orElse(0),
                JobMetrics.quantile(latencies, 0.5),
                JobMetrics.quantile(latencies, 0.99));
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
