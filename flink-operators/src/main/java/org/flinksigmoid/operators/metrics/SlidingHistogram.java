package org.flinksigmoid.operators.metrics;

import java.util.Arrays;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;

/**
 * Exact statistics over the last 1,024 values. Updated by one thread, read by reporters: both take
 * a short lock, and the reporter copies before it sorts.
 */
final class SlidingHistogram implements Histogram {
    private static final int WINDOW = 1024;

    private final long[] ring = new long[WINDOW];
    private long count;

    @Override
    public synchronized void update(long value) {
        ring[(int) (count++ % ring.length)] = value;
    }

    @Override
    public synchronized long getCount() {
        return count;
    }

    @Override
    public HistogramStatistics getStatistics() {
        long[] values;
        synchronized (this) {
            values = Arrays.copyOf(ring, (int) Math.min(count, ring.length));
        }
        Arrays.sort(values);
        return new Statistics(values);
    }

    private static final class Statistics extends HistogramStatistics {
        private final long[] sorted;

        Statistics(long[] sorted) {
            this.sorted = sorted;
        }

        @Override
        public double getQuantile(double quantile) {
            if (sorted.length == 0) {
                return 0;
            }
            double position = quantile * (sorted.length - 1);
            int low = (int) position;
            int high = Math.min(low + 1, sorted.length - 1);
            return sorted[low] + (position - low) * (sorted[high] - sorted[low]);
        }

        @Override
        public long[] getValues() {
            return sorted;
        }

        @Override
        public int size() {
            return sorted.length;
        }

        @Override
        public double getMean() {
            return Arrays.stream(sorted).average().orElse(0);
        }

        @Override
        public double getStdDev() {
            double mean = getMean();
            return Math.sqrt(
                    Arrays.stream(sorted)
                            .mapToDouble(v -> (v - mean) * (v - mean))
                            .average()
                            .orElse(0));
        }

        @Override
        public long getMax() {
            return sorted.length == 0 ? 0 : sorted[sorted.length - 1];
        }

        @Override
        public long getMin() {
            return sorted.length == 0 ? 0 : sorted[0];
        }
    }
}
