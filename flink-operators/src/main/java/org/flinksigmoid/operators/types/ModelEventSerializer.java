package org.flinksigmoid.operators.types;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Serializer of {@link ModelEvent}: its fields in the order of the record. */
public final class ModelEventSerializer extends RecordSerializer<ModelEvent> {
    /** The only instance needed. */
    public static final ModelEventSerializer INSTANCE = new ModelEventSerializer();

    private static final long serialVersionUID = 1L;

    private ModelEventSerializer() {
        super(ModelEvent.class, 1);
    }

    @Override
    protected void write(ModelEvent record, RecordWriter out) {
        out.string(record.model())
                .string(record.folder())
                .string(record.version())
                .flag(record.accepted())
                .string(record.reason())
                .int64(record.loadMillis())
                .int32(record.subtask())
                .int64(record.timestampMillis());
    }

    @Override
    protected ModelEvent read(int version, RecordReader in) throws IOException {
        return new ModelEvent(
                in.string(),
                in.string(),
                in.string(),
                in.flag(),
                in.string(),
                in.int64(),
                in.int32(),
                in.int64());
    }

    @Override
    public ModelEvent createInstance() {
        return new ModelEvent("", "", "", false, "", 0, 0, 0);
    }

    @Override
    public Snapshot snapshotConfiguration() {
        return new Snapshot();
    }

    /** Snapshot of this serializer. */
    public static final class Snapshot extends RecordSerializerSnapshot<ModelEvent> {
        /** Called by Flink. */
        public Snapshot() {
            super(INSTANCE);
        }
    }

    /** Called by Flink for the annotation on {@link ModelEvent}. */
    public static final class TypeInfoFactory
            extends org.apache.flink.api.common.typeinfo.TypeInfoFactory<ModelEvent> {
        @Override
        public TypeInformation<ModelEvent> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new RecordTypeInfo<>(INSTANCE);
        }
    }
}
