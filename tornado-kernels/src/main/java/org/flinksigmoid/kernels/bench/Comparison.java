package org.flinksigmoid.kernels.bench;

/**
 * One row of a benchmark: the same work done twice, in turn.
 *
 * @param work what ran
 * @param against what it is compared with
 * @param gflops our rate of the products' floating point operations, in 10^9 a second
 * @param milliseconds our time a call, median
 * @param ratio our speed over theirs, median of pairs
 * @param low its lower quartile
 * @param high its upper quartile
 */
public record Comparison(
        String work,
        String against,
        double gflops,
        double milliseconds,
        double ratio,
        double low,
        double high) {
    /** Of a call that takes {@code operations} floating point operations. */
    public static Comparison of(String work, String against, double operations, Duel duel) {
        return share(work, against, operations, duel, 1);
    }

    /**
     * Of a call that is compared with a limit.
     *
     * @param factor our call's operations over those of the limit's call
     */
    public static Comparison share(
            String work, String against, double operations, Duel duel, double factor) {
        return new Comparison(
                work,
                against,
                operations / duel.ours() * 1e-9,
                duel.ours() * 1e3,
                duel.ratio() * factor,
                duel.low() * factor,
                duel.high() * factor);
    }
}
