package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;

/**
 * Pinned memory that a program's inputs and outputs pass through, reused by every run and as large
 * as the largest needed. While one piece is on its way to the device the next is copied here.
 */
final class Staging {
    /** Floats that a thread copies at once, and that go to the device together. */
    private static final int CHUNK = 1 << 16;

    private static final int WAVE = 1 << 18;

    /** Floats from which on several threads are faster than one. */
    private static final int LARGE = 1 << 20;

    private final Card card;
    private MemorySegment memory = MemorySegment.NULL;
    private long used;

    Staging(Card card) {
        this.card = card;
    }

    /** Starts a run that needs so many bytes in all. */
    void begin(long bytes) {
        if (memory.byteSize() < bytes) {
            free();
            memory = card.allocatePinned(Long.highestOneBit(bytes - 1) << 1);
        }
        used = 0;
    }

    private MemorySegment next(long bytes) {
        MemorySegment piece = memory.asSlice(used, bytes);
        used += Math.ceilDiv(bytes, (long) Region.HEADER) * Region.HEADER;
        return piece;
    }

    /** Sends the first {@code count} of {@code values}. */
    void up(int[] values, int count, Region to) {
        MemorySegment piece = next((long) count * Integer.BYTES);
        MemorySegment.copy(values, 0, piece, ValueLayout.JAVA_INT, 0, count);
        card.up(piece, to.first(), piece.byteSize());
    }

    /**
     * Sends the first {@code count} of {@code values}. A wave of chunks is copied, by several
     * threads if there are many, while the one before is on its way to the device.
     */
    void up(float[] values, int count, Region to) {
        MemorySegment piece = next((long) count * Float.BYTES);
        for (int from = 0; from < count; from += WAVE) {
            int end = Math.min(count, from + WAVE);
            copy(values, from, end, piece, count >= LARGE);
            long at = (long) from * Float.BYTES;
            long bytes = (long) (end - from) * Float.BYTES;
            card.up(piece.asSlice(at, bytes), to.first() + at, bytes);
        }
    }

    private static void copy(
            float[] values, int from, int end, MemorySegment to, boolean together) {
        IntStream chunks = IntStream.range(0, Math.ceilDiv(end - from, CHUNK));
        (together ? chunks.parallel() : chunks)
                .forEach(
                        chunk -> {
                            int start = from + chunk * CHUNK;
                            MemorySegment.copy(
                                    values,
                                    start,
                                    to,
                                    ValueLayout.JAVA_FLOAT,
                                    (long) start * Float.BYTES,
                                    Math.min(CHUNK, end - start));
                        });
    }

    /** Fetches the first {@code count} floats; they are there once the card is in step. */
    MemorySegment down(Region from, int count) {
        MemorySegment piece = next((long) count * Float.BYTES);
        if (count > 0) {
            card.down(from.first(), piece, piece.byteSize());
        }
        return piece;
    }

    /** Bytes that {@link #begin} needs for an array of four-byte elements. */
    static long bytes(long count) {
        return count * Float.BYTES + Region.HEADER;
    }

    /** Gives the memory back; on the card's queue. */
    void free() {
        if (memory.byteSize() > 0) {
            card.freePinned(memory);
            memory = MemorySegment.NULL;
        }
    }
}
