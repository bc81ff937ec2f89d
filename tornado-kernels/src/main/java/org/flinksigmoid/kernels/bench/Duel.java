package org.flinksigmoid.kernels.bench;

import java.util.Arrays;

/**
 * Two contenders timed in turn, so that whatever else the machine does hits both alike.
 *
 * @param ours seconds a call, median
 * @param theirs seconds a call, median
 * @param ratio median of the pairs' {@code theirs / ours}: above 1, ours is faster
 * @param low lower quartile of the pairs' ratios
 * @param high upper quartile
 */
public record Duel(double ours, double theirs, double ratio, double low, double high) {
    /**
     * Times pairs of calls, after {@code warmUp} seconds of calling both.
     *
     * @param pairs number of pairs, at least 1
     * @param seconds about how long each side of a pair runs; at least one call
     */
    public static Duel run(
            Runnable ours, Runnable theirs, int pairs, double seconds, double warmUp) {
        long end = System.nanoTime() + (long) (warmUp * 1e9);
        do {
            ours.run();
            theirs.run();
        } while (System.nanoTime() < end);
        double[] first = new double[pairs];
        double[] second = new double[pairs];
        double[] ratios = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            first[i] = secondsPerCall(ours, seconds);
            second[i] = secondsPerCall(theirs, seconds);
            ratios[i] = second[i] / first[i];
        }
        return new Duel(
                quantile(first, 0.5),
                quantile(second, 0.5),
                quantile(ratios, 0.5),
                quantile(ratios, 0.25),
                quantile(ratios, 0.75));
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

    private static double quantile(double[] values, double fraction) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(fraction * (sorted.length - 1))];
    }
}
