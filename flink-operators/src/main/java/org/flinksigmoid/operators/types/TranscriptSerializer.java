package org.flinksigmoid.operators.types;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Serializer of {@link Transcript}: its fields in the order of the record. */
public final class TranscriptSerializer extends RecordSerializer<Transcript> {
    /** The only instance needed. */
    public static final TranscriptSerializer INSTANCE = new TranscriptSerializer();

    private static final long serialVersionUID = 1L;

    private TranscriptSerializer() {
        super(Transcript.class, 1);
    }

    @Override
    protected void write(Transcript record, RecordWriter out) {
        out.string(record.streamId())
                .string(record.text())
                .flag(record.isFinal())
                .int64(record.streamStartMillis())
                .int64(record.startMillis())
                .int64(record.endMillis())
                .longs(record.wordStartMillis())
                .longs(record.wordEndMillis())
                .int64(record.gapMillis())
                .flag(record.endOfStream());
    }

    @Override
    protected Transcript read(int version, RecordReader in) throws IOException {
        return new Transcript(
                in.string(),
                in.string(),
                in.flag(),
                in.int64(),
                in.int64(),
                in.int64(),
                in.longs(),
                in.longs(),
                in.int64(),
                in.flag());
    }

    @Override
    public Transcript createInstance() {
        return new Transcript("", "", false, 0, 0, 0, new long[0], new long[0], 0, false);
    }

    @Override
    public Snapshot snapshotConfiguration() {
        return new Snapshot();
    }

    /** Snapshot of this serializer. */
    public static final class Snapshot extends RecordSerializerSnapshot<Transcript> {
        /** Called by Flink. */
        public Snapshot() {
            super(INSTANCE);
        }
    }

    /** Called by Flink for the annotation on {@link Transcript}. */
    public static final class TypeInfoFactory
            extends org.apache.flink.api.common.typeinfo.TypeInfoFactory<Transcript> {
        @Override
        public TypeInformation<Transcript> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new RecordTypeInfo<>(INSTANCE);
        }
    }
}
