package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongFunction;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;

/**
 * Pinned memory that a program's inputs and outputs pass through, reused by every run and as large
 * as the largest needed. What goes up is written past the caches, so that the card need not fetch
 * it from those of several cores.
 */
final class Staging {
    private final Card card;
    private final Area up;
    private final Area down;
    private Upload upload;

    Staging(Card card) {
        this.card = card;
        this.up = new Area(card::allocatePinnedToWrite);
        this.down = new Area(card::allocatePinned);
    }

    /** Memory for one direction, handed out piece by piece. */
    private final class Area {
        private final LongFunction<MemorySegment> source;
        private MemorySegment memory = MemorySegment.NULL;
        private long used;

        Area(LongFunction<MemorySegment> source) {
            this.source = source;
        }

        void begin(long bytes) {
            if (memory.byteSize() < bytes) {
                free();
                memory = source.apply(Long.highestOneBit(bytes - 1) << 1);
            }
            used = 0;
        }

        MemorySegment next(long bytes) {
            MemorySegment piece = memory.asSlice(used, bytes);
            used += Math.ceilDiv(bytes, (long) Region.HEADER) * Region.HEADER;
            return piece;
        }

        void free() {
            if (memory.byteSize() > 0) {
                card.freePinned(memory);
                memory = MemorySegment.NULL;
            }
        }
    }

    /** Starts a run that sends and fetches so many bytes in all. */
    void begin(long sent, long fetched) {
        settle();
        up.begin(sent);
        down.begin(fetched);
    }

    /** Nobody copies into the memory after this, even if the last run failed before it was sent. */
    private void settle() {
        if (upload != null) {
            upload.abandon();
            upload = null;
        }
    }

    /** Sends the first {@code count} of {@code values}. */
    void up(int[] values, int count, Region to) {
        MemorySegment piece = up.next((long) count * Integer.BYTES);
        MemorySegment.copy(values, 0, piece, ValueLayout.JAVA_INT, 0, count);
        card.up(piece, to.first(), piece.byteSize());
    }

    /**
     * Starts to copy the first {@code count} of {@code values}, to be {@link Upload#finish sent}.
     */
    Upload start(float[] values, int count) {
        settle();
        upload = new Upload(values, count, up.next((long) count * Float.BYTES));
        return upload;
    }

    /** Sends the first {@code count} of {@code values}. */
    void up(float[] values, int count, Region to) {
        start(values, count).finish(card, to);
    }

    /** Fetches the first {@code count} floats; they are there once the card is in step. */
    MemorySegment down(Region from, int count) {
        MemorySegment piece = down.next((long) count * Float.BYTES);
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
        up.free();
        down.free();
    }
}
