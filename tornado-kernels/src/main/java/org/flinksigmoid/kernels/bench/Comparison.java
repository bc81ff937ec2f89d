package org.flinksigmoid.kernels.bench;

/**
 * One row of a benchmark: the same work done twice, in turn, beside the multiply-add peak of as
 * many threads.
 *
 * @param work what ran
 * @param against what it is compared with
 * @param gflops our rate of the products' floating point operations, in 10^9 a second
 * @param milliseconds our time a call, median
 * @param ratio our speed over theirs, median of rounds
 * @param low lower end of its 95% interval
 * @param high upper end
 * @param share our rate over the peak
 * @param theirShare their rate over the peak; 1 over it is the largest ratio that could be
 * @param bytes what a call of ours allocated
 */
public record Comparison(
        String work,
        String against,
        double gflops,
        double milliseconds,
        double ratio,
        double low,
        double high,
        double share,
        double theirShare,
        double bytes) {
    /**
     * Of a call that takes {@code operations} floating point operations.
     *
     * @param atPeak operations of one call of the duel's limit
     */
    public static Comparison of(
            String work, String against, double operations, double atPeak, Duel duel) {
        double factor = operations / atPeak;
        return new Comparison(
                work,
                against,
                operations / duel.ours() * 1e-9,
                duel.ours() * 1e3,
                duel.ratio(),
                duel.low(),
                duel.high(),
                duel.ourLimit() * factor,
                duel.theirLimit() * factor,
                duel.bytes());
    }

    /** Of a call that is compared with the peak itself. */
    public static Comparison withPeak(String work, double operations, double atPeak, Duel duel) {
        double factor = operations / atPeak;
        return new Comparison(
                work,
                "multiply-add peak",
                operations / duel.ours() * 1e-9,
                duel.ours() * 1e3,
                duel.ratio() * factor,
                duel.low() * factor,
                duel.high() * factor,
                duel.ratio() * factor,
                1,
                duel.bytes());
    }
}
