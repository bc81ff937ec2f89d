package org.flinksigmoid.operators.metrics;

/**
 * Where a circuit breaker stands.
 *
 * @param state which way calls go
 * @param openings how often it has opened
 * @param fallbackCalls calls that the fallback answered
 */
public record BreakerStatus(State state, long openings, long fallbackCalls) {
    /** Of a function without a breaker. */
    public static final BreakerStatus NONE = new BreakerStatus(State.CLOSED, 0, 0);

    /** Which way calls go. */
    public enum State {
        /** To the device. */
        CLOSED(0),
        /** One to the device, as a trial; the others to the fallback. */
        HALF_OPEN(1),
        /** To the fallback. */
        OPEN(2);

        private final int code;

        State(int code) {
            this.code = code;
        }

        /** The number that metrics show. */
        public int code() {
            return code;
        }
    }
}
