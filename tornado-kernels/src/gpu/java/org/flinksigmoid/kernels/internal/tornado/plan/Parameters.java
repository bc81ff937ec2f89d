package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CardStream;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * A program's parameters on the device, once for all its graphs: first they are collected, then
 * sent.
 */
final class Parameters {
    private static final int CHUNK_BYTES = 1 << 24;

    private final Block block = new Block();
    private final List<Pending> pending = new ArrayList<>();
    private Region none;

    /** An array on its way, fp16 as shorts. */
    private record Pending(Region region, MemorySegment values) {}

    Region floats(float[] values) {
        return add(Region.Type.FLOATS, values.length, MemorySegment.ofArray(values));
    }

    Region floats(Tensor tensor) {
        return floats(tensor.toFloats());
    }

    Region ints(int... values) {
        return add(Region.Type.INTS, values.length, MemorySegment.ofArray(values));
    }

    /** Floats, rounded to fp16. */
    Region halves(float[] values) {
        short[] rounded = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = Float.floatToFloat16(values[i]);
        }
        return add(Region.Type.HALVES, rounded.length, MemorySegment.ofArray(rounded));
    }

    /** A vector, or {@code width} times {@code otherwise} where there is none. */
    Region vector(Optional<Tensor> tensor, int width, float otherwise) {
        if (tensor.isPresent()) {
            return floats(tensor.get());
        }
        float[] values = new float[width];
        Arrays.fill(values, otherwise);
        return floats(values);
    }

    /** A tensor, or {@link #none}. */
    Region orNone(Optional<Tensor> tensor) {
        return tensor.map(this::floats).orElseGet(this::none);
    }

    /** Stands where a kernel's option says that there is no such parameter. */
    Region none() {
        if (none == null) {
            none = floats(new float[1]);
        }
        return none;
    }

    private Region add(Region.Type type, int elements, MemorySegment values) {
        Region region = block.array(type, elements);
        pending.add(new Pending(region, values));
        return region;
    }

    /** Bytes on the device. */
    long bytes() {
        return block.bytes();
    }

    /** Allocates and sends them, or leaves nothing behind; on the card's queue. */
    void send(Card card) {
        try {
            block.allocate(card);
            copyTo(card);
        } catch (RuntimeException | Error e) {
            block.freeAfter(e, card);
            throw e;
        }
        pending.clear();
    }

    private void copyTo(Card card) {
        MemorySegment staging = card.allocatePinnedToWrite(Math.min(CHUNK_BYTES, block.bytes()));
        CardStream stream = card.streams().getFirst();
        try {
            for (Pending array : pending) {
                long size = array.values().byteSize();
                for (long at = 0; at < size; at += CHUNK_BYTES) {
                    long bytes = Math.min(CHUNK_BYTES, size - at);
                    MemorySegment.copy(array.values(), at, staging, 0, bytes);
                    stream.up(staging, array.region().first() + at, bytes);
                    stream.synchronize();
                }
            }
        } finally {
            card.freePinned(staging);
        }
    }

    /** Frees them; on the card's queue. */
    void free(Card card) {
        block.free(card);
    }
}
