package org.flinksigmoid.operators.inference;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Records that wait for a batch, in order of arrival for each lane; a batch holds records of one
 * lane. A batch is formed when the device can take one, not before: what came in while it was busy
 * rides along. Among the lanes that are ripe, the one with the oldest record is next, so none
 * starves. Not thread-safe.
 */
final class Batcher<I, O> {
    /** Lanes that are kept while they are empty. */
    private static final int MOST_IDLE_LANES = 64;

    private final long maxTokens;
    private final Map<Lane, Waiting<I, O>> lanes = new HashMap<>();
    private int maxSize;
    private int size;

    private static final class Waiting<I, O> {
        private final Lane lane;
        private final Deque<Entry<I, O>> entries = new ArrayDeque<>();
        private long tokens;

        private Waiting(Lane lane) {
            this.lane = lane;
        }

        private long arrived() {
            return entries.getFirst().arrivedNanos;
        }
    }

    Batcher(int maxSize, long maxTokens) {
        this.maxSize = maxSize;
        this.maxTokens = maxTokens;
    }

    /**
     * Adds a record.
     *
     * @return whether its lane is full
     */
    boolean add(Entry<I, O> entry) {
        Waiting<I, O> waiting = lanes.computeIfAbsent(entry.lane, Waiting::new);
        waiting.entries.add(entry);
        waiting.tokens += entry.tokens;
        size++;
        return isFull(waiting);
    }

    /** Changes how many records a batch may hold. */
    void maxSize(int records) {
        maxSize = records;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /**
     * The next batch: the oldest records of a lane that is full or whose oldest record has waited
     * long enough.
     *
     * @param nowMillis processing time
     * @param now whether to wait no longer in any case
     * @return null if there is no such lane
     */
    Batch<I, O> next(long nowMillis, boolean now) {
        Waiting<I, O> oldest = null;
        for (Waiting<I, O> waiting : lanes.values()) {
            if (!waiting.entries.isEmpty()
                    && (now || isRipe(waiting, nowMillis))
                    && (oldest == null || waiting.arrived() - oldest.arrived() < 0)) {
                oldest = waiting;
            }
        }
        return oldest == null ? null : take(oldest);
    }

    private boolean isRipe(Waiting<I, O> waiting, long nowMillis) {
        return isFull(waiting) || waiting.entries.getFirst().deadlineMillis <= nowMillis;
    }

    /** Whether waiting longer would not make the lane's next batch fuller. */
    private boolean isFull(Waiting<I, O> waiting) {
        return waiting.entries.size() >= maxSize || waiting.tokens >= maxTokens;
    }

    /** When the next lane that is not full is ripe; {@code Long.MAX_VALUE} if there is none. */
    long deadlineMillis() {
        long earliest = Long.MAX_VALUE;
        for (Waiting<I, O> waiting : lanes.values()) {
            if (!waiting.entries.isEmpty() && !isFull(waiting)) {
                earliest = Math.min(earliest, waiting.entries.getFirst().deadlineMillis);
            }
        }
        return earliest;
    }

    /** Takes the oldest records, at least one, as many as a batch may hold. */
    private Batch<I, O> take(Waiting<I, O> waiting) {
        Deque<Entry<I, O>> entries = waiting.entries;
        List<Entry<I, O>> taken = new ArrayList<>(Math.min(maxSize, entries.size()));
        long takenTokens = 0;
        while (!entries.isEmpty() && taken.size() < maxSize) {
            Entry<I, O> entry = entries.getFirst();
            if (!taken.isEmpty() && entry.tokens > maxTokens - takenTokens) {
                break;
            }
            taken.add(entries.removeFirst());
            takenTokens += entry.tokens;
        }
        waiting.tokens -= takenTokens;
        size -= taken.size();
        if (entries.isEmpty() && lanes.size() > MOST_IDLE_LANES) {
            lanes.remove(waiting.lane);
        }
        return new Batch<>(taken, 0, false);
    }
}
