package org.flinksigmoid.operators.types;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Serializer of {@link TextMessage}: its fields in the order of the record. */
public final class TextMessageSerializer extends RecordSerializer<TextMessage> {
    /** The only instance needed. */
    public static final TextMessageSerializer INSTANCE = new TextMessageSerializer();

    private static final long serialVersionUID = 1L;

    private TextMessageSerializer() {
        super(TextMessage.class, 1);
    }

    @Override
    protected void write(TextMessage record, RecordWriter out) {
        out.string(record.key())
                .string(record.id())
                .string(record.text())
                .int64(record.timestampMillis());
    }

    @Override
    protected TextMessage read(int version, RecordReader in) throws IOException {
        return new TextMessage(in.string(), in.string(), in.string(), in.int64());
    }

    @Override
    public TextMessage createInstance() {
        return new TextMessage("", "", "", 0);
    }

    @Override
    public Snapshot snapshotConfiguration() {
        return new Snapshot();
    }

    /** Snapshot of this serializer. */
    public static final class Snapshot extends RecordSerializerSnapshot<TextMessage> {
        /** Called by Flink. */
        public Snapshot() {
            super(INSTANCE);
        }
    }

    /** Called by Flink for the annotation on {@link TextMessage}. */
    public static final class TypeInfoFactory
            extends org.apache.flink.api.common.typeinfo.TypeInfoFactory<TextMessage> {
        @Override
        public TypeInformation<TextMessage> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new RecordTypeInfo<>(INSTANCE);
        }
    }
}
