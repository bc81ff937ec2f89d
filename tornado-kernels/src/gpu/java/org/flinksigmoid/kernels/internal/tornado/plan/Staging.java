package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CardStream;

/**
 * Pinned memory that inputs and outputs of one run pass through, reused by later runs and as large
 * as the largest needed. What goes up is written past the caches, so that the card need not fetch
 * it from those of several cores. Used by one thread at a time.
 */
final class Staging {
    /** Where pieces start. */
    private static final int ALIGNMENT = 256;

    private static final long SMALLEST_BLOCK = 1 << 16;

    private final Card card;
    private final Crew crew;
    private final Area up;
    private final Area down;
    private final List<MemorySegment> events = new ArrayList<>();
    private int marks;
    private Upload upload;

    /**
     * Memory for one run.
     *
     * @param crew helps to copy what goes up
     */
    Staging(Card card, Crew crew) {
        this.card = card;
        this.crew = crew;
        this.up = new Area(card::allocatePinnedToWrite);
        this.down = new Area(card::allocatePinned);
    }

    /** Memory for one direction, handed out piece by piece from blocks that are kept. */
    private final class Area {
        private final LongFunction<MemorySegment> source;
        private final List<MemorySegment> blocks = new ArrayList<>();
        private int block;
        private long used;

        Area(LongFunction<MemorySegment> source) {
            this.source = source;
        }

        void begin() {
            block = 0;
            used = 0;
        }

        MemorySegment next(long bytes) {
            while (block < blocks.size() && blocks.get(block).byteSize() - used < bytes) {
                block++;
                used = 0;
            }
            if (block == blocks.size()) {
                long size = Math.max(SMALLEST_BLOCK, bytes);
                blocks.add(source.apply(Long.highestOneBit(size - 1) << 1));
            }
            MemorySegment piece = blocks.get(block).asSlice(used, bytes);
            used += Math.ceilDiv(bytes, (long) ALIGNMENT) * ALIGNMENT;
            return piece;
        }

        void free() {
            blocks.forEach(card::freePinned);
            blocks.clear();
            begin();
        }
    }

    /** Starts a run; what the last one was handed is used again. */
    void begin() {
        settle();
        up.begin();
        down.begin();
        marks = 0;
    }

    /** Nobody copies into the memory after this, even if the run failed before it was sent. */
    void settle() {
        if (upload != null) {
            upload.abandon();
            upload = null;
        }
    }

    /** Sends the first {@code count} of {@code values}. */
    void up(CardStream stream, int[] values, int count, Region to) {
        MemorySegment piece = up.next((long) count * Integer.BYTES);
        MemorySegment.copy(values, 0, piece, ValueLayout.JAVA_INT, 0, count);
        stream.up(piece, to.first(), piece.byteSize());
    }

    /** Starts to copy values, to be {@link Upload#send sent}. */
    Upload start(Floats values) {
        settle();
        upload = new Upload(values, up.next((long) values.count() * Float.BYTES), crew);
        return upload;
    }

    /** Sends the first {@code count} of {@code values}. */
    void up(CardStream stream, float[] values, int count, Region to) {
        start(Floats.of(values, count)).send(0, count, stream, to);
    }

    /** Fetches the first {@code count} floats; they are there when the stream has come so far. */
    MemorySegment down(CardStream stream, Region from, int count) {
        MemorySegment piece = down.next((long) count * Float.BYTES);
        if (count > 0) {
            stream.down(from.first(), piece, piece.byteSize());
        }
        return piece;
    }

    /** An event of this run for what the stream has been given so far. */
    MemorySegment mark(CardStream stream) {
        if (marks == events.size()) {
            events.add(card.newEvent());
        }
        MemorySegment event = events.get(marks++);
        stream.record(event);
        return event;
    }

    /** Gives the memory back. */
    void free() {
        settle();
        up.free();
        down.free();
        events.forEach(card::destroyEvent);
        events.clear();
    }
}
