package org.flinksigmoid.kernels.audio;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.function.Function;

/** The form of every saved state here: one byte of version, then fields, and nothing after them. */
final class StateBytes {
    private StateBytes() {}

    /** A buffer for {@code size} bytes of fields, the version already written. */
    static ByteBuffer begin(byte version, int size) {
        return ByteBuffer.allocate(Math.addExact(1, size)).put(version);
    }

    /** Writes a length and the first {@code count} values. */
    static void put(ByteBuffer target, float[] values, int count) {
        target.putInt(count);
        target.asFloatBuffer().put(values, 0, count);
        target.position(target.position() + 4 * count);
    }

    /** Bytes that {@link #put} takes for so many values. */
    static int size(int values) {
        return Math.addExact(4, Math.multiplyExact(4, values));
    }

    /** Reads what {@link #put} wrote. */
    static float[] floats(ByteBuffer source) {
        int length = source.getInt();
        if (length < 0 || length > source.remaining() / 4) {
            throw new BufferUnderflowException();
        }
        float[] values = new float[length];
        source.asFloatBuffer().get(values);
        source.position(source.position() + 4 * length);
        return values;
    }

    /** Reads a length and so many bytes. */
    static byte[] bytes(ByteBuffer source) {
        int length = source.getInt();
        if (length < 0 || length > source.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] values = new byte[length];
        source.get(values);
        return values;
    }

    /**
     * Reads a whole state.
     *
     * @throws IllegalArgumentException naming the state, what was expected and what was found
     */
    static <T> T read(String what, byte version, byte[] bytes, Function<ByteBuffer, T> fields) {
        if (bytes.length == 0) {
            throw new IllegalArgumentException(
                    "%s: expected version %d, found 0 bytes".formatted(what, version));
        }
        if (bytes[0] != version) {
            throw new IllegalArgumentException(
                    "%s: expected version %d, found %d".formatted(what, version, bytes[0]));
        }
        ByteBuffer source = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        T state;
        try {
            state = fields.apply(source);
        } catch (BufferUnderflowException cut) {
            throw new IllegalArgumentException(
                    "%s: expected more than the %d bytes found".formatted(what, bytes.length), cut);
        }
        if (source.hasRemaining()) {
            throw new IllegalArgumentException(
                    "%s: expected the end, found %d more bytes"
                            .formatted(what, source.remaining()));
        }
        return state;
    }
}
