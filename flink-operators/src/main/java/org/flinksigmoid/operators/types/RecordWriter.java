package org.flinksigmoid.operators.types;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Collects the fields of one record as little-endian bytes; arrays go in one bulk copy each, with
 * their length in front. One writer per record, not thread-safe. Read back with {@link
 * RecordReader}.
 */
public final class RecordWriter {
    static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** String follows as UTF-8. */
    static final byte UTF8 = 0;

    /** String follows as UTF-16: it holds half a surrogate pair, which UTF-8 would lose. */
    static final byte UTF16 = 1;

    private byte[] bytes;
    private MemorySegment segment;
    private int size;

    /** An empty one. */
    public RecordWriter() {
        this(new byte[160]);
    }

    /**
     * @param scratch what the bytes are collected in until it is full
     */
    RecordWriter(byte[] scratch) {
        bytes = scratch;
        segment = MemorySegment.ofArray(scratch);
    }

    /** Appends one byte. */
    public RecordWriter int8(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /** Appends {@code true} as 1 and {@code false} as 0. */
    public RecordWriter flag(boolean value) {
        return int8(value ? 1 : 0);
    }

    /** Appends four bytes. */
    public RecordWriter int32(int value) {
        reserve(Integer.BYTES);
        segment.set(INT, size, value);
        size += Integer.BYTES;
        return this;
    }

    /** Appends eight bytes. */
    public RecordWriter int64(long value) {
        reserve(Long.BYTES);
        segment.set(LONG, size, value);
        size += Long.BYTES;
        return this;
    }

    /** Appends the four bytes of a float, NaN bits kept. */
    public RecordWriter float32(float value) {
        return int32(Float.floatToRawIntBits(value));
    }

    /** Appends a string, any string: also one that is not valid Unicode. */
    public RecordWriter string(String value) {
        if (isValidUnicode(value)) {
            return int8(UTF8).bytes(value.getBytes(StandardCharsets.UTF_8));
        }
        return int8(UTF16).bytes(utf16(value));
    }

    /** Appends a byte array. */
    public RecordWriter bytes(byte[] values) {
        int32(values.length);
        reserve(values.length);
        System.arraycopy(values, 0, bytes, size, values.length);
        size += values.length;
        return this;
    }

    /** Appends an array of shorts. */
    public RecordWriter shorts(short[] values) {
        int32(values.length);
        reserve((long) values.length * Short.BYTES);
        MemorySegment.copy(values, 0, segment, SHORT, size, values.length);
        size += values.length * Short.BYTES;
        return this;
    }

    /** Appends an array of floats, NaN bits kept. */
    public RecordWriter floats(float[] values) {
        int32(values.length);
        reserve((long) values.length * Float.BYTES);
        MemorySegment.copy(values, 0, segment, FLOAT, size, values.length);
        size += values.length * Float.BYTES;
        return this;
    }

    /** Appends an array of longs. */
    public RecordWriter longs(long[] values) {
        int32(values.length);
        reserve((long) values.length * Long.BYTES);
        MemorySegment.copy(values, 0, segment, LONG, size, values.length);
        size += values.length * Long.BYTES;
        return this;
    }

    /** The bytes so far; valid up to {@link #size()}, until the next append. */
    byte[] array() {
        return bytes;
    }

    /** A copy of the bytes so far. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    /** Leaves the array to the thread's next record; nothing may be read or appended after. */
    void release() {
        RecordScratch.give(bytes);
    }

    /** Number of bytes appended. */
    int size() {
        return size;
    }

    private void reserve(long more) {
        long needed = size + more;
        if (needed > RecordSerializer.MAX_BYTES) {
            throw new IllegalArgumentException(
                    "A record may take at most "
                            + RecordSerializer.MAX_BYTES
                            + " bytes, this one needs "
                            + needed
                            + ": cut it into smaller records");
        }
        if (needed > bytes.length) {
            // Exactly what a big array needs plus a little: the fields behind one are few.
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed + 64, 2L * size));
            segment = MemorySegment.ofArray(bytes);
        }
    }

    private static boolean isValidUnicode(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean pair =
                        Character.isHighSurrogate(c)
                                && i + 1 < value.length()
                                && Character.isLowSurrogate(value.charAt(i + 1));
                if (!pair) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /** String.getBytes replaces lone surrogates in UTF-16 too, so the chars are copied. */
    private static byte[] utf16(String value) {
        byte[] encoded = new byte[value.length() * Character.BYTES];
        for (int i = 0; i < value.length(); i++) {
            encoded[2 * i] = (byte) value.charAt(i);
            encoded[2 * i + 1] = (byte) (value.charAt(i) >>> 8);
        }
        return encoded;
    }
}
