package org.flinksigmoid.operators.window;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.flinksigmoid.operators.types.AudioChunk;

/**
 * Puts a stream's chunks in the order of their sequence numbers: holds those that came too early,
 * knows which were taken and which were given up. State of one stream; not thread-safe.
 */
final class ChunkOrder {
    /** Given-up stretches that are remembered; older ones count as taken. */
    private static final int MAX_MISSING = 32;

    private boolean started;
    private long next;
    private final TreeMap<Long, AudioChunk> waiting = new TreeMap<>();

    /** Given-up sequence numbers, from and to (exclusive) in turn, the oldest first. */
    private final List<Long> missing;

    ChunkOrder() {
        this(false, 0, new ArrayList<>());
    }

    private ChunkOrder(boolean started, long next, List<Long> missing) {
        this.started = started;
        this.next = next;
        this.missing = missing;
    }

    static ChunkOrder restore(
            boolean started, long next, long[] missing, Collection<AudioChunk> waiting) {
        List<Long> ranges = new ArrayList<>();
        for (long bound : missing) {
            ranges.add(bound);
        }
        ChunkOrder order = new ChunkOrder(started, next, ranges);
        waiting.forEach(order::hold);
        return order;
    }

    ChunkOrder copy() {
        ChunkOrder copy = new ChunkOrder(started, next, new ArrayList<>(missing));
        copy.waiting.putAll(waiting);
        return copy;
    }

    /** Whether any chunk was handed on since the beginning or the last {@link #restart}. */
    boolean started() {
        return started;
    }

    /** The sequence number that comes next; while not started, the one that may start. */
    long next() {
        return next;
    }

    /** Whether that sequence number lies behind what was handed on. */
    boolean isBehind(long sequence) {
        return started && sequence < next;
    }

    /** Whether that sequence number, behind, was given up rather than taken. */
    boolean wasGivenUp(long sequence) {
        for (int i = 0; i < missing.size(); i += 2) {
            if (sequence >= missing.get(i) && sequence < missing.get(i + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Whether that sequence number waits. */
    boolean holds(long sequence) {
        return waiting.containsKey(sequence);
    }

    void hold(AudioChunk chunk) {
        waiting.put(chunk.sequence(), chunk);
    }

    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /** Those that wait, in order. */
    Collection<AudioChunk> waiting() {
        return waiting.values();
    }

    /** The first of those that wait. */
    AudioChunk first() {
        return waiting.firstEntry().getValue();
    }

    /** Whether the first of those that wait can be handed on. */
    boolean isReady() {
        return !waiting.isEmpty()
                && (waiting.firstKey() == next || !started && waiting.firstKey() == 0);
    }

    /** Hands on the first, which {@link #isReady is ready}. */
    AudioChunk take() {
        AudioChunk chunk = waiting.pollFirstEntry().getValue();
        started = true;
        next = chunk.sequence() + 1;
        return chunk;
    }

    /**
     * Gives up what the first of those that wait waits for.
     *
     * @return how many chunks that are; 0 before the start, where nobody knows
     */
    long giveUp() {
        long first = waiting.firstKey();
        long from = started ? next : 0;
        long count = started ? first - next : 0;
        if (from < first) {
            missing.add(from);
            missing.add(first);
            if (missing.size() > 2 * MAX_MISSING) {
                missing.subList(0, 2).clear();
            }
        }
        started = true;
        next = first;
        return count;
    }

    /** Takes every chunk that waits out again, in order. */
    List<AudioChunk> takeWaiting() {
        List<AudioChunk> chunks = List.copyOf(waiting.values());
        waiting.clear();
        return chunks;
    }

    /** The sender begins again, from 0 or where it was. */
    void restart() {
        started = false;
        missing.clear();
    }

    long[] missing() {
        return missing.stream().mapToLong(Long::longValue).toArray();
    }
}
