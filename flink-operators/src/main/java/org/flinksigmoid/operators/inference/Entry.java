package org.flinksigmoid.operators.inference;

/**
 * One record inside the operator, from coming in to its result going out. Touched by the task's
 * thread only. The links belong to {@link InFlight}.
 */
class Entry<I, O> {
    final I value;
    final boolean hasTimestamp;
    final long timestamp;
    final Object key;

    /** Which records it may share a batch with. */
    final Lane lane;

    final long tokens;

    /** System.nanoTime() of coming in. */
    final long arrivedNanos;

    /** Processing time at which the record should wait no longer, in milliseconds. */
    final long deadlineMillis;

    /** Failed calls that the record took part in. */
    int attempts;

    /** What comes out; null until it is known. */
    Outcome<O> outcome;

    Entry<I, O> previous;
    Entry<I, O> next;
    Entry<I, O> nextOfKey;
    boolean firstOfKey;
    InFlight.Segment<I, O> segment;
    InFlight.Segment<I, O> holdBack;

    Entry(
            I value,
            boolean hasTimestamp,
            long timestamp,
            Object key,
            Lane lane,
            long tokens,
            long arrivedNanos,
            long deadlineMillis) {
        this.value = value;
        this.hasTimestamp = hasTimestamp;
        this.timestamp = timestamp;
        this.key = key;
        this.lane = lane;
        this.tokens = tokens;
        this.arrivedNanos = arrivedNanos;
        this.deadlineMillis = deadlineMillis;
    }

    /** What becomes of a record. */
    sealed interface Outcome<O> {
        /** The function gave a result. */
        record Result<O>(O value) implements Outcome<O> {}

        /** The record can't be processed. */
        record GivenUp<O>(String reason) implements Outcome<O> {}
    }
}
