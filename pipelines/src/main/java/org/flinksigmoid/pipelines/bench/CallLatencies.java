package org.flinksigmoid.pipelines.bench;

/**
 * Milliseconds from the end of a window's audio, which is the event time of what comes of it, to
 * now, counted for each stage apart. The beginning of a stage, where callers join, does not count.
 * Called by one thread at a time.
 */
final class CallLatencies {
    /** Longer ones are counted as this. */
    private static final int MOST_MILLIS = 60_000;

    private final CallClock clock;
    private final long stageMillis;
    private final long settlingMillis;
    private final int[][] counts;

    /**
     * @param clock says when the first stage begins
     * @param stages how many
     * @param stageMillis length of each
     * @param settlingMillis its part that does not count
     */
    CallLatencies(CallClock clock, int stages, long stageMillis, long settlingMillis) {
        this.clock = clock;
        this.stageMillis = stageMillis;
        this.settlingMillis = settlingMillis;
        this.counts = new int[stages][MOST_MILLIS + 1];
    }

    /** Takes a result that is there now. */
    void add(long audioEndMillis) {
        long at = audioEndMillis - clock.start();
        long stage = Math.floorDiv(at, stageMillis);
        if (stage >= 0 && stage < counts.length && at % stageMillis >= settlingMillis) {
            long millis = System.currentTimeMillis() - audioEndMillis;
            counts[(int) stage][Math.clamp(millis, 0, MOST_MILLIS)]++;
        }
    }

    /** Results that counted in a stage. */
    long count(int stage) {
        long sum = 0;
        for (int count : counts[stage]) {
            sum += count;
        }
        return sum;
    }

    /**
     * That share of a stage's results took at most so many milliseconds; those that have not come
     * count as the longest.
     *
     * @param expected results of the stage
     */
    int quantile(int stage, double share, long expected) {
        long rank = (long) Math.ceil(share * expected);
        int millis = 0;
        for (long seen = counts[stage][0];
                seen < rank && millis < MOST_MILLIS;
                seen += counts[stage][millis]) {
            millis++;
        }
        return millis;
    }
}
