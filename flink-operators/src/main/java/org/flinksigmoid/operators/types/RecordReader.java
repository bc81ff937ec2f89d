package org.flinksigmoid.operators.types;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields that a {@link RecordWriter} wrote, in the same order. Every length is checked
 * against what is left, so damaged bytes give an {@link IOException} that names the record type,
 * never a huge allocation. One reader per record, not thread-safe.
 */
public final class RecordReader {
    private final String type;
    private final byte[] bytes;
    private final int size;
    private final MemorySegment segment;
    private int position;

    /**
     * @param type how errors call the record
     * @param bytes what a writer made
     */
    public RecordReader(String type, byte[] bytes) {
        this(type, bytes, bytes.length);
    }

    /** Reads the first {@code size} bytes. */
    RecordReader(String type, byte[] bytes, int size) {
        this.type = type;
        this.bytes = bytes;
        this.size = size;
        this.segment = MemorySegment.ofArray(bytes);
    }

    /** One signed byte. */
    public int int8() throws IOException {
        return bytes[take(1)];
    }

    /** A flag: 0 or 1, anything else is damage. */
    public boolean flag() throws IOException {
        int value = int8();
        if (value != 0 && value != 1) {
            throw damaged("expected 0 or 1 at byte " + (position - 1) + ", found " + value);
        }
        return value == 1;
    }

    /** Four bytes. */
    public int int32() throws IOException {
        return segment.get(RecordWriter.INT, take(Integer.BYTES));
    }

    /** Eight bytes. */
    public long int64() throws IOException {
        return segment.get(RecordWriter.LONG, take(Long.BYTES));
    }

    /** A float, NaN bits kept. */
    public float float32() throws IOException {
        return Float.intBitsToFloat(int32());
    }

    /** A string. */
    public String string() throws IOException {
        int encoding = int8();
        int length = length(1);
        int start = take(length);
        return switch (encoding) {
            case RecordWriter.UTF8 -> new String(bytes, start, length, StandardCharsets.UTF_8);
            case RecordWriter.UTF16 -> {
                char[] chars = new char[length / Character.BYTES];
                for (int i = 0; i < chars.length; i++) {
                    int low = bytes[start + 2 * i] & 0xff;
                    int high = bytes[start + 2 * i + 1] & 0xff;
                    chars[i] = (char) (high << 8 | low);
                }
                yield new String(chars);
            }
            default -> throw damaged("unknown string encoding " + encoding);
        };
    }

    /** A byte array. */
    public byte[] bytes() throws IOException {
        byte[] values = new byte[length(1)];
        System.arraycopy(bytes, take(values.length), values, 0, values.length);
        return values;
    }

    /** An array of shorts. */
    public short[] shorts() throws IOException {
        short[] values = new short[length(Short.BYTES)];
        int start = take(values.length * Short.BYTES);
        MemorySegment.copy(segment, RecordWriter.SHORT, start, values, 0, values.length);
        return values;
    }

    /** An array of floats, NaN bits kept. */
    public float[] floats() throws IOException {
        float[] values = new float[length(Float.BYTES)];
        int start = take(values.length * Float.BYTES);
        MemorySegment.copy(segment, RecordWriter.FLOAT, start, values, 0, values.length);
        return values;
    }

    /** An array of longs. */
    public long[] longs() throws IOException {
        long[] values = new long[length(Long.BYTES)];
        int start = take(values.length * Long.BYTES);
        MemorySegment.copy(segment, RecordWriter.LONG, start, values, 0, values.length);
        return values;
    }

    /** Throws if bytes are left over. */
    public void end() throws IOException {
        if (position != size) {
            throw damaged((size - position) + " trailing bytes after the last field");
        }
    }

    /** An exception that names the record type. */
    public IOException damaged(String what) {
        return new IOException(type + ": " + what + " (" + size + " bytes in all)");
    }

    private int length(int elementBytes) throws IOException {
        int length = int32();
        int left = size - position;
        if (length < 0 || (long) length * elementBytes > left) {
            throw damaged(
                    "an array of %d elements of %d bytes does not fit in the %d bytes left"
                            .formatted(length, elementBytes, left));
        }
        return length;
    }

    private int take(int count) throws IOException {
        if (size - position < count) {
            throw damaged("ends at byte " + size + " inside a field of " + count);
        }
        int start = position;
        position += count;
        return start;
    }
}
