package org.flinksigmoid.pipelines.bench;

/**
 * What {@link OperatorsBench} found.
 *
 * @param loopPerSecond texts a second in the plain loop, median over the rounds
 * @param jobPerSecond texts a second in the job, median over the rounds
 * @param jobToLoop median of the rounds' ratios
 * @param latency at a tenth of the loop's rate
 * @param swaps at half of it
 */
public record OperatorsResult(
        double loopPerSecond, double jobPerSecond, double jobToLoop, Latency latency, Swaps swaps) {
    /**
     * Time in the operator when there is little to do.
     *
     * @param perSecond texts a second
     * @param lingerMillis the operator's batch timeout
     * @param callP99Millis 99th percentile of the calls of the engine
     * @param recordP99Millis 99th percentile of the records' time in the operator
     */
    public record Latency(
            double perSecond, long lingerMillis, long callP99Millis, long recordP99Millis) {
        /** What the operator adds to the engine's own time. */
        public long addedMillis() {
            return recordP99Millis - callP99Millis;
        }
    }

    /**
     * Latency from source to sink with and without hot swaps.
     *
     * @param perSecond texts a second
     * @param accepted swaps that were done
     * @param lost texts without a result
     * @param calmP99Millis 99th percentile while no model is loaded
     * @param swapP99Millis 99th percentile while one is, and 50 ms after
     */
    public record Swaps(
            double perSecond, int accepted, int lost, double calmP99Millis, double swapP99Millis) {}
}
