package org.flinksigmoid.pipelines.source;

import java.util.function.LongSupplier;

/**
 * The wall clock, but for this: where it is put back, it goes on from what it said, or streams
 * would stand still until it has caught up. Thread-safe.
 */
public final class WallClock {
    /** Less is no jump: a clock that is adjusted often would run away. */
    private static final long LEAST_JUMP_MILLIS = 1000;

    private static final WallClock SYSTEM = new WallClock(System::currentTimeMillis);

    private final LongSupplier clock;
    private long lastMillis;
    private long behindMillis;

    WallClock(LongSupplier clock) {
        this.clock = clock;
    }

    /** The time, the same for all that reads in this JVM. */
    public static long now() {
        return SYSTEM.millis();
    }

    synchronized long millis() {
        long millis = clock.getAsLong();
        long back = lastMillis - millis;
        if (back >= LEAST_JUMP_MILLIS) {
            behindMillis += back;
        }
        lastMillis = millis;
        return millis + behindMillis;
    }
}
