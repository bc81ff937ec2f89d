package org.flinksigmoid.operators.window;

/** Which times of records are no damage: sums with the longest settings stay far from overflow. */
final class EventTime {
    /** Some 285,000 years after the epoch, and before it. */
    private static final long MAX = 1L << 53;

    private EventTime() {}

    static boolean makesSense(long millis) {
        return millis >= -MAX && millis <= MAX;
    }

    /** Why a record of that time is refused. */
    static String refusal(long millis) {
        return "timestamp: expected milliseconds since the epoch, found " + millis;
    }
}
