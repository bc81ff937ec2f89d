package org.flinksigmoid.operators.inference;

import java.util.Arrays;

/**
 * Finds the largest batch that keeps a latency target. A larger batch costs less per record, so the
 * largest one has the highest throughput.
 *
 * <p>After every {@value #WINDOW} records it compares their 99th percentile with the target: above
 * {@value #BACK_OFF} of it the batch shrinks, below {@value #GROW} of it the batch grows, if
 * batches are full; doubling until the target comes near, by an eighth after that. Records in
 * flight follow: a batch on each device, one behind it, one that fills; more would only wait
 * longer. Records that came in under the limits before a change don't count.
 */
final class BatchSizeController {
    private static final int WINDOW = 256;
    private static final double BACK_OFF = 0.95;
    private static final double GROW = 0.8;
    private static final int FIRST_SIZE = 8;

    private final long targetNanos;
    private final int maxSize;
    private final int maxInFlight;
    private final int concurrency;
    private final long[] latencies = new long[WINDOW];
    private int seen;
    private int toPass;
    private int batches;
    private int fullBatches;
    private int size;
    private boolean searching = true;

    /**
     * @param targetNanos 99th percentile to keep
     * @param maxSize largest batch allowed
     * @param maxInFlight most records in flight allowed
     * @param concurrency calls at a time
     */
    BatchSizeController(long targetNanos, int maxSize, int maxInFlight, int concurrency) {
        this.targetNanos = targetNanos;
        this.maxSize = maxSize;
        this.maxInFlight = maxInFlight;
        this.concurrency = concurrency;
        this.size = Math.min(FIRST_SIZE, maxSize);
    }

    /** Records a batch may hold now. */
    int batchSize() {
        return size;
    }

    /** Records that may be in flight now. */
    int inFlight() {
        return Math.min(maxInFlight, (concurrency + 2) * size);
    }

    /** A batch of so many records went to the device. */
    void dispatched(int records) {
        batches++;
        if (records >= size) {
            fullBatches++;
        }
    }

    /**
     * A record has left, that long after it came in.
     *
     * @return whether the limits have changed
     */
    boolean emitted(long nanos) {
        if (toPass > 0) {
            toPass--;
            return false;
        }
        latencies[seen++] = nanos;
        return seen == WINDOW && adapt();
    }

    private boolean adapt() {
        Arrays.sort(latencies);
        double p99 = latencies[(int) Math.ceil(0.99 * WINDOW) - 1];
        int before = size;
        if (p99 > BACK_OFF * targetNanos) {
            searching = false;
            size = Math.max(1, (int) (size * Math.clamp(GROW * targetNanos / p99, 0.5, 0.9)));
        } else if (p99 < GROW * targetNanos && 2 * fullBatches >= batches) {
            int step = searching && p99 < GROW / 2 * targetNanos ? size : Math.max(1, size / 8);
            size = Math.min(maxSize, size + step);
        }
        seen = 0;
        batches = 0;
        fullBatches = 0;
        if (size == before) {
            return false;
        }
        toPass = inFlight();
        return true;
    }
}
