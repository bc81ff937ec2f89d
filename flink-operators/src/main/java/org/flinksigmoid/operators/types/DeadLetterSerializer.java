package org.flinksigmoid.operators.types;

import java.io.IOException;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serializer of {@link DeadLetter}: {@code int8 version, int32 length, reason, int32 attempts,
 * original}, where the length counts reason and attempts.
 *
 * @param <T> the record inside
 */
public final class DeadLetterSerializer<T> extends TypeSerializer<DeadLetter<T>> {
    private static final long serialVersionUID = 1L;

    private static final int VERSION = 1;

    private final TypeSerializer<T> original;

    /**
     * @param original serializes the record inside
     */
    public DeadLetterSerializer(TypeSerializer<T> original) {
        this.original = Objects.requireNonNull(original);
    }

    @Override
    public void serialize(DeadLetter<T> record, DataOutputView target) throws IOException {
        byte[] header =
                new RecordWriter().string(record.reason()).int32(record.attempts()).toBytes();
        target.writeByte(VERSION);
        target.writeInt(header.length);
        target.write(header);
        original.serialize(record.original(), target);
    }

    @Override
    public DeadLetter<T> deserialize(DataInputView source) throws IOException {
        RecordReader header = new RecordReader("DeadLetter", readHeader(source));
        String reason = header.string();
        int attempts = header.int32();
        header.end();
        return new DeadLetter<>(original.deserialize(source), reason, attempts);
    }

    @Override
    public DeadLetter<T> deserialize(DeadLetter<T> reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        byte[] header = readHeader(source);
        target.writeByte(VERSION);
        target.writeInt(header.length);
        target.write(header);
        original.copy(source, target);
    }

    private static byte[] readHeader(DataInputView source) throws IOException {
        int version = source.readByte();
        if (version != VERSION) {
            throw new IOException(
                    "DeadLetter: version " + version + " is unknown, this code reads " + VERSION);
        }
        int length = source.readInt();
        if (length < 0 || length > RecordSerializer.MAX_BYTES) {
            throw new IOException("DeadLetter: a header of " + length + " bytes");
        }
        byte[] header = new byte[length];
        source.readFully(header);
        return header;
    }

    @Override
    public boolean isImmutableType() {
        return original.isImmutableType();
    }

    @Override
    public DeadLetter<T> createInstance() {
        return new DeadLetter<>(original.createInstance(), "", 0);
    }

    @Override
    public DeadLetter<T> copy(DeadLetter<T> from) {
        return isImmutableType()
                ? from
                : new DeadLetter<>(original.copy(from.original()), from.reason(), from.attempts());
    }

    @Override
    public DeadLetter<T> copy(DeadLetter<T> from, DeadLetter<T> reuse) {
        return copy(from);
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public TypeSerializer<DeadLetter<T>> duplicate() {
        TypeSerializer<T> copy = original.duplicate();
        return copy == original ? this : new DeadLetterSerializer<>(copy);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DeadLetterSerializer<?> that && original.equals(that.original);
    }

    @Override
    public int hashCode() {
        return original.hashCode();
    }

    @Override
    public Snapshot<T> snapshotConfiguration() {
        return new Snapshot<>(this);
    }

    /**
     * Snapshot of this serializer and the one inside.
     *
     * @param <T> the record inside
     */
    public static final class Snapshot<T>
            extends CompositeTypeSerializerSnapshot<DeadLetter<T>, DeadLetterSerializer<T>> {
        /** Called by Flink. */
        public Snapshot() {}

        /** Called when state is written. */
        public Snapshot(DeadLetterSerializer<T> serializer) {
            super(serializer);
        }

        @Override
        protected int getCurrentOuterSnapshotVersion() {
            return VERSION;
        }

        @Override
        protected TypeSerializer<?>[] getNestedSerializers(DeadLetterSerializer<T> outer) {
            return new TypeSerializer<?>[] {outer.original};
        }

        @Override
        @SuppressWarnings("unchecked") // what getNestedSerializers gave
        protected DeadLetterSerializer<T> createOuterSerializerWithNestedSerializers(
                TypeSerializer<?>[] nested) {
            return new DeadLetterSerializer<>((TypeSerializer<T>) nested[0]);
        }
    }
}
