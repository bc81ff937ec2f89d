package org.flinksigmoid.operators.inference;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * When to say again what could be said of every record: at most once in ten seconds, or a night of
 * bad records fills the disk. Not thread-safe.
 */
final class LogThrottle {
    private static final long PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

    private final LongSupplier clock;
    private long saidNanos;
    private long leftOut;

    LogThrottle() {
        this(System::nanoTime);
    }

    /**
     * @param clock as {@link System#nanoTime}
     */
    LogThrottle(LongSupplier clock) {
        this.clock = clock;
        this.saidNanos = clock.getAsLong() - PAUSE_NANOS;
    }

    /**
     * What to say behind it, if it is to be said now: how often it was not since the last time.
     * Empty if not.
     */
    Optional<String> due() {
        long now = clock.getAsLong();
        if (now - saidNanos < PAUSE_NANOS) {
            leftOut++;
            return Optional.empty();
        }
        saidNanos = now;
        String more = leftOut == 0 ? "" : " (and %d more since that was said)".formatted(leftOut);
        leftOut = 0;
        return Optional.of(more);
    }
}
