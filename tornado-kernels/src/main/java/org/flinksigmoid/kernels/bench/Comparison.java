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
 * @param bytes what a call of ours allocated, on all threads, results included
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
        double bytes) {}
