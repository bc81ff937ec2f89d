package org.flinksigmoid.operators.types;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serializer of an immutable record: {@code int32 length, int8 version, fields}, where the length
 * counts version and fields. The length in front lets a reader refuse a record that ends early or
 * has bytes left over, and lets {@link #copy(DataInputView, DataOutputView)} move bytes without
 * looking inside. Stateless, so thread-safe; {@code copy} returns its argument.
 *
 * <p>To add a type: a subclass with a {@code Snapshot}, see {@link AudioChunkSerializer}. To change
 * a type: raise the version, write the new fields, and let {@link #read} accept the old versions.
 *
 * @param <T> the record
 */
public abstract class RecordSerializer<T> extends TypeSerializer<T> {
    private static final long serialVersionUID = 1L;

    /** Largest serialized record, 256 MiB: a larger length is taken for damage. */
    static final int MAX_BYTES = 256 << 20;

    private final Class<T> type;
    private final int version;

    /**
     * @param type the record class
     * @param version version written from now on, 1 .. 127
     */
    protected RecordSerializer(Class<T> type, int version) {
        if (version < 1 || version > Byte.MAX_VALUE) {
            throw new IllegalArgumentException("version must be 1 .. 127, found " + version);
        }
        this.type = type;
        this.version = version;
    }

    /** Writes every field of the record. */
    protected abstract void write(T record, RecordWriter out);

    /**
     * Reads what {@link #write} of that version wrote.
     *
     * @param version 1 .. the current version
     */
    protected abstract T read(int version, RecordReader in) throws IOException;

    /** An empty record, for Flink's reuse protocol. */
    @Override
    public abstract T createInstance();

    /** The record class. */
    public final Class<T> type() {
        return type;
    }

    /** The version written. */
    public final int version() {
        return version;
    }

    /** The record as bytes, without the length in front. */
    public final byte[] toBytes(T record) {
        RecordWriter out = encode(record);
        byte[] bytes = out.toBytes();
        out.release();
        return bytes;
    }

    /**
     * The record of these bytes.
     *
     * @throws IOException on an unknown version, on bytes that end early or are left over, and on
     *     fields that the record itself refuses
     */
    public final T fromBytes(byte[] bytes) throws IOException {
        return fromBytes(bytes, bytes.length);
    }

    private T fromBytes(byte[] bytes, int length) throws IOException {
        RecordReader in = new RecordReader(type.getSimpleName(), bytes, length);
        int found = in.int8();
        if (found < 1 || found > version) {
            throw in.damaged("version " + found + " is unknown, this code reads 1 .. " + version);
        }
        try {
            T record = read(found, in);
            in.end();
            return record;
        } catch (IllegalArgumentException e) {
            throw new IOException(type.getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    /** The record's bytes; the caller releases the writer. */
    final RecordWriter encode(T record) {
        RecordWriter out = new RecordWriter(RecordScratch.take(0)).int8(version);
        write(record, out);
        return out;
    }

    /**
     * Reads a record of that length.
     *
     * @throws IOException as {@link #fromBytes(byte[])} does, and on an impossible length
     */
    final T decode(int length, Filler filler) throws IOException {
        byte[] bytes = RecordScratch.take(checkLength(length));
        filler.fill(bytes, length);
        T record = fromBytes(bytes, length);
        RecordScratch.give(bytes);
        return record;
    }

    /** Puts the first bytes of an array. */
    interface Filler {
        void fill(byte[] bytes, int length) throws IOException;
    }

    final int checkLength(int length) throws IOException {
        if (length < 1 || length > MAX_BYTES) {
            throw new IOException(
                    type.getSimpleName()
                            + ": expected a length of 1 .. "
                            + MAX_BYTES
                            + " bytes, found "
                            + length);
        }
        return length;
    }

    @Override
    public final void serialize(T record, DataOutputView target) throws IOException {
        RecordWriter out = encode(record);
        target.writeInt(out.size());
        target.write(out.array(), 0, out.size());
        out.release();
    }

    @Override
    public final T deserialize(DataInputView source) throws IOException {
        return decode(source.readInt(), (bytes, length) -> source.readFully(bytes, 0, length));
    }

    @Override
    public final T deserialize(T reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public final void copy(DataInputView source, DataOutputView target) throws IOException {
        int length = checkLength(source.readInt());
        target.writeInt(length);
        target.write(source, length);
    }

    @Override
    public final T copy(T from) {
        return from;
    }

    @Override
    public final T copy(T from, T reuse) {
        return from;
    }

    @Override
    public final boolean isImmutableType() {
        return true;
    }

    @Override
    public final int getLength() {
        return -1;
    }

    @Override
    public final TypeSerializer<T> duplicate() {
        return this;
    }

    @Override
    public final boolean equals(Object other) {
        return other != null && other.getClass() == getClass();
    }

    @Override
    public final int hashCode() {
        return getClass().hashCode();
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + " v" + version;
    }

    @Override
    public abstract RecordSerializerSnapshot<T> snapshotConfiguration();
}
