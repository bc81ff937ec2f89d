package org.flinksigmoid.operators.window;

/** Which times of records are no damage. */
public final class EventTime {
    /**
     * Greatest distance from the epoch in milliseconds, some 285,000 years: sums with any setting
     * stay far from overflow.
     */
    public static final long MAX_MILLIS = 1L << 53;

    private EventTime() {}

    /** Whether a time, in milliseconds since the epoch, may be a record's. */
    public static boolean makesSense(long millis) {
        return millis >= -MAX_MILLIS && millis <= MAX_MILLIS;
    }

    /** Why a record of that time is refused. */
    static String refusal(long millis) {
        return "timestamp: expected milliseconds since the epoch, found " + millis;
    }
}
