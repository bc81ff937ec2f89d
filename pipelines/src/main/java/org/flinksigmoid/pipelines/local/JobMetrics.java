package org.flinksigmoid.pipelines.local;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * What our operators in the jobs of an {@link EmbeddedFlink} reported, kept after the job has
 * ended. Static, because Flink makes the reporter itself; {@link #reset} before a job that is to be
 * measured alone.
 */
public final class JobMetrics {
    /** Of our operators: windows, encoder, transcripts. */
    private static final Set<String> GROUPS = Set.of("speech", "inference", "transcript");

    private static final List<Named> METRICS = new CopyOnWriteArrayList<>();

    private record Named(String name, Metric metric) {}

    private JobMetrics() {}

    /** Forgets everything. */
    public static void reset() {
        METRICS.clear();
    }

    /** Sum of the counters of that name, over all operators and subtasks. */
    public static long count(String name) {
        long sum = 0;
        for (Named named : METRICS) {
            if (named.name().equals(name) && named.metric() instanceof Counter counter) {
                sum += counter.getCount();
            }
        }
        return sum;
    }

    /** The values that the histograms of that name still hold, sorted. */
    public static long[] values(String name) {
        List<long[]> all = new ArrayList<>();
        for (Named named : METRICS) {
            if (named.name().equals(name) && named.metric() instanceof Histogram histogram) {
                all.add(histogram.getStatistics().getValues());
            }
        }
        return all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    }

    /** The smallest value that at least that share of them do not exceed; 0 of none. */
    public static long quantile(long[] sorted, double share) {
        if (sorted.length == 0) {
            return 0;
        }
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
    }

    /** Made by Flink, by its name in the configuration. */
    public static final class Factory implements MetricReporterFactory {
        /** For Flink's service loader. */
        public Factory() {}

        @Override
        public MetricReporter createMetricReporter(Properties properties) {
            return new Reporter();
        }
    }

    private static final class Reporter implements MetricReporter {
        @Override
        public void open(MetricConfig config) {}

        @Override
        public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
            if (Arrays.stream(group.getScopeComponents()).anyMatch(GROUPS::contains)) {
                METRICS.add(new Named(name, metric));
            }
        }

        @Override
        public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
            // Kept: they are read after the job.
        }

        @Override
        public void close() {}
    }
}
