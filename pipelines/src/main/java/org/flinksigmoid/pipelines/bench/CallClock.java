package org.flinksigmoid.pipelines.bench;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When the first callers begin: a moment after the job's sources have started, whenever that is.
 * Known by its id to all of this JVM.
 *
 * @param id of this clock
 */
record CallClock(UUID id) implements java.io.Serializable, AutoCloseable {
    /** Until every caller has been given to a source. */
    private static final long LEAD_MILLIS = 3000;

    private static final Map<UUID, CompletableFuture<Long>> BEGINNINGS = new ConcurrentHashMap<>();

    /** A clock that does not run yet. */
    static CallClock create() {
        CallClock clock = new CallClock(UUID.randomUUID());
        BEGINNINGS.put(clock.id(), new CompletableFuture<>());
        return clock;
    }

    /** The beginning; the first who asks sets it. */
    long start() {
        CompletableFuture<Long> begin = BEGINNINGS.get(id);
        if (!begin.isDone()) {
            begin.complete(System.currentTimeMillis() + LEAD_MILLIS);
        }
        return begin.join();
    }

    /** The beginning, as soon as it is set. */
    CompletableFuture<Long> begin() {
        return BEGINNINGS.get(id);
    }

    @Override
    public void close() {
        BEGINNINGS.remove(id);
    }
}
