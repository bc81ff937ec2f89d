package org.flinksigmoid.kernels.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * Two contenders and the machine's limit timed in turn, so that whatever else the machine does hits
 * all alike. Error bars are 95% confidence intervals of a median, from the order of the rounds (of
 * nine, the second and the last but one).
 *
 * @param ours seconds a call, median
 * @param ratio median of the rounds' {@code theirs / ours}: above 1, ours is faster
 * @param low its error bar's lower end
 * @param high its upper end
 * @param ourLimit median of the rounds' {@code limit / ours}
 * @param theirLimit median of the rounds' {@code limit / theirs}
 * @param bytes what a call of ours allocated, on all threads
 */
public record Duel(
        double ours,
        double ratio,
        double low,
        double high,
        double ourLimit,
        double theirLimit,
        double bytes) {
    /** How long a round's visit to the limit takes; it varies little. */
    private static final double LIMIT_SECONDS = 0.02;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /**
     * Times rounds of calls, after {@code warmUp} seconds of calling both.
     *
     * @param limit a fixed amount of work at the machine's limit
     * @param rounds at least 1
     * @param seconds about how long each side of a round runs; at least one call
     */
    public static Duel run(
            Runnable ours,
            Runnable theirs,
            Runnable limit,
            int rounds,
            double seconds,
            double warmUp) {
        long end = System.nanoTime() + (long) (warmUp * 1e9);
        do {
            ours.run();
            theirs.run();
            limit.run();
        } while (System.nanoTime() < end);
        double[] first = new double[rounds];
        double[] ratios = new double[rounds];
        double[] ourLimits = new double[rounds];
        double[] theirLimits = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            double second = 0;
            // In turn who begins: caches and clocks are as the other left them.
            if (i % 2 == 0) {
                first[i] = secondsPerCall(ours, seconds);
                second = secondsPerCall(theirs, seconds);
            } else {
                second = secondsPerCall(theirs, seconds);
                first[i] = secondsPerCall(ours, seconds);
            }
            double most = secondsPerCall(limit, Math.min(seconds, LIMIT_SECONDS));
            ratios[i] = second / first[i];
            ourLimits[i] = most / first[i];
            theirLimits[i] = most / second;
        }
        return new Duel(
                median(first),
                median(ratios),
                ordered(ratios, outside(rounds)),
                ordered(ratios, rounds - 1 - outside(rounds)),
                median(ourLimits),
                median(theirLimits),
                bytesPerCall(ours));
    }

    /**
     * How many of {@code count} values lie below a median's 95% interval: the most for which the
     * chance that as few fall on one side of the true median, twice, is at most 5% (none if even
     * that is not reached).
     */
    static int outside(int count) {
        double term = Math.pow(0.5, count);
        double tail = 0;
        for (int below = 0; below < count / 2; below++) {
            tail += term;
            if (2 * tail > 0.05) {
                return Math.max(0, below - 1);
            }
            term *= (double) (count - below) / (below + 1);
        }
        return Math.max(0, count / 2 - 1);
    }

    private static double secondsPerCall(Runnable call, double seconds) {
        long begin = System.nanoTime();
        long calls = 0;
        long now;
        do {
            call.run();
            calls++;
            now = System.nanoTime();
        } while (now - begin < seconds * 1e9);
        return (now - begin) * 1e-9 / calls;
    }

    private static double bytesPerCall(Runnable call) {
        int calls = 3;
        long before = THREADS.getTotalThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
            call.run();
        }
        return (double) (THREADS.getTotalThreadAllocatedBytes() - before) / calls;
    }

    private static double median(double[] values) {
        return ordered(values, values.length / 2);
    }

    private static double ordered(double[] values, int index) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[index];
    }
}
