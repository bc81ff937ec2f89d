package org.flinksigmoid.operators.types;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Serializer of {@link ModelUpdate}: its fields in the order of the record. */
public final class ModelUpdateSerializer extends RecordSerializer<ModelUpdate> {
    /** The only instance needed. */
    public static final ModelUpdateSerializer INSTANCE = new ModelUpdateSerializer();

    private static final long serialVersionUID = 1L;

    private ModelUpdateSerializer() {
        super(ModelUpdate.class, 1);
    }

    @Override
    protected void write(ModelUpdate record, RecordWriter out) {
        out.string(record.model()).string(record.folder());
    }

    @Override
    protected ModelUpdate read(int version, RecordReader in) throws IOException {
        return new ModelUpdate(in.string(), in.string());
    }

    @Override
    public ModelUpdate createInstance() {
        return new ModelUpdate("", "");
    }

    @Override
    public Snapshot snapshotConfiguration() {
        return new Snapshot();
    }

    /** Snapshot of this serializer. */
    public static final class Snapshot extends RecordSerializerSnapshot<ModelUpdate> {
        /** Called by Flink. */
        public Snapshot() {
            super(INSTANCE);
        }
    }

    /** Called by Flink for the annotation on {@link ModelUpdate}. */
    public static final class TypeInfoFactory
            extends org.apache.flink.api.common.typeinfo.TypeInfoFactory<ModelUpdate> {
        @Override
        public TypeInformation<ModelUpdate> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new RecordTypeInfo<>(INSTANCE);
        }
    }
}
