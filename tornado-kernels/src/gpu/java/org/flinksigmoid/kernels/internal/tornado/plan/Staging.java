package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;

/**
 * Pinned memory that a program's inputs and outputs pass through, reused by every run and as large
 * as the largest needed.
 */
final class Staging {
    private final Card card;
    private MemorySegment memory = MemorySegment.NULL;
    private long used;
    private Upload upload;

    Staging(Card card) {
        this.card = card;
    }

    /** Starts a run that needs so many bytes in all. */
    void begin(long bytes) {
        settle();
        if (memory.byteSize() < bytes) {
            free();
            memory = card.allocatePinned(Long.highestOneBit(bytes - 1) << 1);
        }
        used = 0;
    }

    /** Nobody copies into the memory after this, even if the last run failed before it was sent. */
    private void settle() {
        if (upload != null) {
            upload.abandon();
            upload = null;
        }
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
     * Starts to copy the first {@code count} of {@code values}, to be {@link Upload#finish sent}.
     */
    Upload start(float[] values, int count) {
        upload = new Upload(values, count, next((long) count * Float.BYTES));
        return upload;
    }

    /** Sends the first {@code count} of {@code values}. */
    void up(float[] values, int count, Region to) {
        start(values, count).finish(card, to);
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
        settle();
        if (memory.byteSize() > 0) {
            card.freePinned(memory);
            memory = MemorySegment.NULL;
        }
    }
}
