package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;

/**
 * Floats on their way through pinned memory to the device. Other threads start to copy them there
 * at once, chunk by chunk, while the caller describes the batch; then the caller joins them and
 * sends what has come, several chunks together. One thread copies 12 GB a second, a quarter of what
 * goes to the device in that time.
 */
final class Upload {
    /** Floats of a chunk. */
    private static final int CHUNK = 1 << 15;

    /** Chunks sent together where more are to come: a transfer costs 8 us beside its bytes. */
    private static final int TOGETHER = 8;

    private static final int MOST_HELPERS = 5;

    private final float[] values;
    private final int count;
    private final MemorySegment pinned;
    private final int chunks;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicIntegerArray copied;

    /** Starts to copy the first {@code count} of {@code values} to {@code pinned}. */
    Upload(float[] values, int count, MemorySegment pinned) {
        this.values = values;
        this.count = count;
        this.pinned = pinned;
        this.chunks = Math.ceilDiv(count, CHUNK);
        this.copied = new AtomicIntegerArray(chunks);
        ForkJoinPool helpers = ForkJoinPool.commonPool();
        for (int i = 1; i < Math.min(chunks, 1 + MOST_HELPERS); i++) {
            helpers.execute(this::help);
        }
    }

    private void help() {
        boolean more = true;
        while (more) {
            more = copyNext();
        }
    }

    private boolean copyNext() {
        int chunk = next.getAndIncrement();
        if (chunk >= chunks) {
            return false;
        }
        int from = chunk * CHUNK;
        MemorySegment.copy(
                values,
                from,
                pinned,
                ValueLayout.JAVA_FLOAT,
                (long) from * Float.BYTES,
                Math.min(CHUNK, count - from));
        copied.set(chunk, 1);
        return true;
    }

    /** Copies what nobody has, and queues it all; on the card's queue. */
    void finish(Card card, Region to) {
        int sent = 0;
        int ready = 0;
        while (sent < chunks) {
            boolean more = copyNext();
            while (ready < chunks && copied.get(ready) == 1) {
                ready++;
            }
            if (ready == chunks || ready - sent >= TOGETHER) {
                long from = (long) sent * CHUNK * Float.BYTES;
                long end = Math.min((long) ready * CHUNK, count) * Float.BYTES;
                card.up(pinned.asSlice(from, end - from), to.first() + from, end - from);
                sent = ready;
            } else if (!more) {
                Thread.onSpinWait();
            }
        }
    }

    /** Returns when no thread copies any more, whatever has been copied. */
    void abandon() {
        int begun = Math.min(chunks, next.getAndSet(chunks));
        for (int chunk = 0; chunk < begun; chunk++) {
            while (copied.get(chunk) == 0) {
                Thread.onSpinWait();
            }
        }
    }
}
