package org.flinksigmoid.kernels.internal.tornado.plan;

import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CardStream;

/** Device memory for many arrays: first they are counted, then one allocation holds them. */
final class Block {
    /** Where matrix products and 16-byte accesses want rows to start. */
    private static final int ALIGNMENT = 256;

    /** Space before the first array, for its header. */
    private long bytes = ALIGNMENT;

    private long address;

    /** Space for an array; its address is known after {@link #allocate}. */
    Region array(Region.Type type, long elements) {
        if (address != 0) {
            throw new IllegalStateException("the block is allocated already");
        }
        long size = Math.multiplyExact(elements, (long) type.bytes());
        Region region = new Region(this, type, bytes, size);
        // The next array's header lies behind this array.
        bytes = Math.ceilDiv(bytes + size + Region.HEADER, (long) ALIGNMENT) * ALIGNMENT;
        return region;
    }

    /** Bytes that the allocation takes. */
    long bytes() {
        return bytes;
    }

    /**
     * Allocates and clears it; on the card's queue. What nobody writes is only multiplied with
     * zeros, but another program may have left NaN there, and zero times NaN is NaN.
     */
    void allocate(Card card) {
        address = card.allocate(bytes);
        CardStream stream = card.streams().getFirst();
        stream.clear(address, bytes);
        stream.synchronize();
    }

    /** Frees it where something failed after it was allocated; on the card's queue. */
    void freeAfter(Throwable failure, Card card) {
        try {
            free(card);
        } catch (DeviceFailureException e) {
            failure.addSuppressed(e);
        }
    }

    /** Frees it; on the card's queue. */
    void free(Card card) {
        if (address != 0) {
            card.free(address);
            address = 0;
        }
    }

    long address() {
        if (address == 0) {
            throw new IllegalStateException("the block is not allocated");
        }
        return address;
    }
}
