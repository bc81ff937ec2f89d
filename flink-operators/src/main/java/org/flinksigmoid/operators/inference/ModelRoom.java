package org.flinksigmoid.operators.inference;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.flinksigmoid.operators.device.EngineKey;

/**
 * How much room models take of what they may. Models that are replaced while calls still hold them
 * are in memory, too, but leave: new ones wait for them, installed ones don't make room for them.
 * Not thread-safe, but for {@link #bytes}.
 */
final class ModelRoom {
    private final Bounds bounds;
    private int models;
    private long bytes;
    private int leavingModels;
    private long leavingBytes;

    /**
     * What may be in memory.
     *
     * @param models most models
     * @param bytes most bytes of their files
     */
    record Bounds(int models, long bytes) {}

    ModelRoom(Bounds bounds) {
        this.bounds = bounds;
    }

    /**
     * Bytes of a checkpoint's files; 0 where nobody asks.
     *
     * @throws IllegalArgumentException if there can't be room for it
     */
    long bytes(String checkpoint) {
        if (bounds.bytes == Long.MAX_VALUE) {
            return 0;
        }
        long size;
        try {
            size = EngineKey.of(Path.of(checkpoint), "").bytes();
        } catch (UncheckedIOException e) {
            return 0; // loading it says what is wrong
        }
        if (size > bounds.bytes) {
            throw new IllegalArgumentException(
                    "%s: expected a model of at most %d bytes, found %d"
                            .formatted(checkpoint, bounds.bytes, size));
        }
        return size;
    }

    /** Whether another model fits beside all that are in memory. */
    boolean fits(long size) {
        return models < bounds.models && bytes + size <= bounds.bytes;
    }

    /** Whether there are more than may be, those that leave not counted. */
    boolean exceeded() {
        return models - leavingModels > bounds.models || bytes - leavingBytes > bounds.bytes;
    }

    /** A model comes into memory. */
    void take(long size) {
        models++;
        bytes += size;
    }

    /** One in memory was replaced, but calls still hold it. */
    void leaves(long size) {
        leavingModels++;
        leavingBytes += size;
    }

    /** One that was leaving is gone. */
    void left(long size) {
        leavingModels--;
        leavingBytes -= size;
        free(size);
    }

    /** One is gone. */
    void free(long size) {
        models--;
        bytes -= size;
    }
}
