package org.flinksigmoid.operators.device;

import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One engine per key in this process, however many subtasks and jobs use it: loaded by whoever
 * comes first while the others wait, closed with the last lease. A failed load is not remembered:
 * the next user tries again. Thread-safe.
 *
 * <p>"Process" holds where this class is loaded once, that is from Flink's {@code lib/} folder;
 * inside a job's jar, each job has its own.
 */
public final class SharedEngines {
    private static final Logger LOG = LoggerFactory.getLogger(SharedEngines.class);
    private static final Map<EngineKey, Slot> SLOTS = new HashMap<>();

    private SharedEngines() {}

    /**
     * Loads an engine.
     *
     * @param <E> the engine
     */
    @FunctionalInterface
    public interface Loader<E extends AutoCloseable> {
        /** Loads; called by one thread at a time for a key. */
        E load() throws Exception;
    }

    /** An engine or a place for one. Its monitor is held while loading. */
    private static final class Slot {
        private int users;
        private AutoCloseable engine;
        private long loadNanos;
    }

    /**
     * A share in an engine, to be closed once; closing again does nothing.
     *
     * @param <E> the engine
     */
    public static final class Lease<E extends AutoCloseable> implements AutoCloseable {
        private final EngineKey key;
        private final Slot slot;
        private final E engine;
        private boolean closed;

        private Lease(EngineKey key, Slot slot, E engine) {
            this.key = key;
            this.slot = slot;
            this.engine = engine;
        }

        /** The engine; not to be used after {@link #close()}. */
        public E engine() {
            return engine;
        }

        /** What the engine was loaded from. */
        public EngineKey key() {
            return key;
        }

        /** What it took to load the engine, by whoever did. */
        public long loadNanos() {
            return slot.loadNanos;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                release(key, slot);
            }
        }
    }

    /**
     * A share in the engine of a key.
     *
     * @param type class of the engine
     * @param loader loads it, if nobody has
     * @throws IllegalArgumentException if the key's engine is of another class
     * @throws Exception what the loader throws
     */
    public static <E extends AutoCloseable> Lease<E> acquire(
            EngineKey key, Class<E> type, Loader<E> loader) throws Exception {
        Slot slot;
        synchronized (SLOTS) {
            slot = SLOTS.computeIfAbsent(key, any -> new Slot());
            slot.users++;
        }
        boolean done = false;
        try {
            synchronized (slot) {
                if (slot.engine == null) {
                    long start = System.nanoTime();
                    slot.engine = loader.load();
                    slot.loadNanos = System.nanoTime() - start;
                    LOG.info("Loaded {} in {} ms", key.folder(), slot.loadNanos / 1_000_000);
                }
                if (!type.isInstance(slot.engine)) {
                    throw new IllegalArgumentException(
                            "%s: expected a %s, found a %s that others use"
                                    .formatted(
                                            key.folder(),
                                            type.getSimpleName(),
                                            slot.engine.getClass().getSimpleName()));
                }
                Lease<E> lease = new Lease<>(key, slot, type.cast(slot.engine));
                done = true;
                return lease;
            }
        } finally {
            if (!done) {
                release(key, slot);
            }
        }
    }

    /** Number of engines in this process. */
    public static int size() {
        synchronized (SLOTS) {
            return SLOTS.size();
        }
    }

    /** Number of leases on the engine of a key. */
    public static int users(EngineKey key) {
        synchronized (SLOTS) {
            Slot slot = SLOTS.get(key);
            return slot == null ? 0 : slot.users;
        }
    }

    private static void release(EngineKey key, Slot slot) {
        synchronized (SLOTS) {
            if (--slot.users > 0) {
                return;
            }
            SLOTS.remove(key, slot);
        }
        synchronized (slot) {
            if (slot.engine != null) {
                LOG.debug("Closing {}: its last user has gone", key.folder());
                close(key, slot.engine);
                slot.engine = null;
            }
        }
    }

    private static void close(EngineKey key, AutoCloseable engine) {
        try {
            engine.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("Interrupted while closing {}", key.folder(), e);
        } catch (Exception e) { // its users are gone, nobody else could act on it
            LOG.warn("Could not close {}", key.folder(), e);
        }
    }
}
