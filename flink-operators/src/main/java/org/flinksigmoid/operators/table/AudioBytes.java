package org.flinksigmoid.operators.table;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.flinksigmoid.operators.inference.InvalidRecordException;

/** Samples in values of type BYTES. */
final class AudioBytes {
    private AudioBytes() {}

    /**
     * 16-bit little-endian samples.
     *
     * @throws InvalidRecordException if half a sample is left over
     */
    static short[] pcm16(byte[] bytes) throws InvalidRecordException {
        if (bytes.length % 2 != 0) {
            throw new InvalidRecordException(
                    0, "expected 16-bit samples, an even number of bytes, found " + bytes.length);
        }
        short[] samples = new short[bytes.length / 2];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
        return samples;
    }
}
