package org.flinksigmoid.operators.inference;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Records that wait for a batch, in order of arrival. A batch is formed when the device can take
 * one, not before: what came in while it was busy rides along. Not thread-safe.
 */
final class Batcher<I, O> {
    private final int maxSize;
    private final long maxTokens;
    private final Deque<Entry<I, O>> waiting = new ArrayDeque<>();
    private long tokens;

    Batcher(int maxSize, long maxTokens) {
        this.maxSize = maxSize;
        this.maxTokens = maxTokens;
    }

    void add(Entry<I, O> entry) {
        waiting.add(entry);
        tokens += entry.tokens;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    int size() {
        return waiting.size();
    }

    /** Whether a batch is full, or its oldest record has waited long enough. */
    boolean isRipe(long nowMillis) {
        return isFull() || (!waiting.isEmpty() && waiting.getFirst().deadlineMillis <= nowMillis);
    }

    /** Whether waiting longer would not make the next batch fuller. */
    boolean isFull() {
        return waiting.size() >= maxSize || tokens >= maxTokens;
    }

    /** When the oldest record has waited long enough; only if there is one. */
    long deadlineMillis() {
        return waiting.getFirst().deadlineMillis;
    }

    /** Takes the oldest records, at least one, as many as a batch may hold. */
    Batch<I, O> take() {
        List<Entry<I, O>> taken = new ArrayList<>(Math.min(maxSize, waiting.size()));
        long takenTokens = 0;
        while (!waiting.isEmpty() && taken.size() < maxSize) {
            Entry<I, O> entry = waiting.getFirst();
            if (!taken.isEmpty() && takenTokens + entry.tokens > maxTokens) {
                break;
            }
            taken.add(waiting.removeFirst());
            takenTokens += entry.tokens;
        }
        tokens -= takenTokens;
        return new Batch<>(taken, 0, false);
    }
}
