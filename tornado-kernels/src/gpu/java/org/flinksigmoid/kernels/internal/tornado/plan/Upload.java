package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.flinksigmoid.kernels.internal.tornado.driver.CardStream;

/**
 * Floats on their way through pinned memory to the device. Other threads start to copy them there
 * at once, chunk by chunk, while the caller describes the batch; then the caller joins them and
 * sends what has come, several chunks together. One thread copies 12 GB a second, a quarter of what
 * goes to the device in that time.
 */
final class Upload {
    /** Floats of a chunk: 3 us of one thread. */
    private static final int CHUNK = 1 << 13;

    /** Floats sent together where more are to come: a transfer costs 8 us beside its bytes. */
    private static final int TOGETHER = 16 * CHUNK;

    private final Floats values;
    private final MemorySegment pinned;
    private final int chunks;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicIntegerArray copied;

    /** Why a chunk could not be copied, on whichever thread. */
    private volatile Throwable failure;

    /** Chunks from the first one on that are there; the caller's. */
    private int ready;

    /** Starts to copy them to {@code pinned}. */
    Upload(Floats values, MemorySegment pinned, Crew crew) {
        this.values = values;
        this.pinned = pinned;
        this.chunks = Math.ceilDiv(values.count(), CHUNK);
        this.copied = new AtomicIntegerArray(chunks);
        crew.help(this::help, chunks - 1);
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
        try {
            values.copy(from, Math.min(values.count(), from + CHUNK), pinned);
        } catch (RuntimeException | Error e) {
            failure = e; // for the caller, who waits for this chunk
        }
        // Combined writes are ordered weakly: all must have left this core before anybody sends
        // them.
        VarHandle.fullFence();
        copied.set(chunk, 1);
        return true;
    }

    /**
     * Copies what nobody has until the first {@code end} are there.
     *
     * @throws IllegalStateException if something can't be copied
     */
    void await(int end) {
        while (ready() < end) {
            if (!copyNext()) {
                Thread.onSpinWait();
            }
        }
        if (failure != null) {
            throw new IllegalStateException("the batch can't be copied for the GPU", failure);
        }
    }

    /** How many are there, from the first one on. */
    private int ready() {
        while (ready < chunks && copied.get(ready) == 1) {
            ready++;
        }
        return Math.min(values.count(), ready * CHUNK);
    }

    /** Queues those from one index to another, as they come. */
    void send(int from, int end, CardStream stream, Region to) {
        int sent = from;
        while (sent < end) {
            await(Math.min(end, sent + TOGETHER));
            int come = Math.min(end, ready());
            MemorySegment piece =
                    pinned.asSlice((long) sent * Float.BYTES, (long) (come - sent) * Float.BYTES);
            stream.up(piece, to.first() + (long) (sent - from) * Float.BYTES, piece.byteSize());
            sent = come;
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
