package org.flinksigmoid.operators.types;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Serializer of {@link FeatureWindow}: its fields in the order of the record. Version 1 counted
 * frames in 32 bits.
 */
public final class FeatureWindowSerializer extends RecordSerializer<FeatureWindow> {
    /** The only instance needed. */
    public static final FeatureWindowSerializer INSTANCE = new FeatureWindowSerializer();

    private static final long serialVersionUID = 1L;

    private FeatureWindowSerializer() {
        super(FeatureWindow.class, 2);
    }

    @Override
    protected void write(FeatureWindow record, RecordWriter out) {
        out.string(record.streamId())
                .int64(record.index())
                .int64(record.streamStartMillis())
                .int64(record.startFrame())
                .int32(record.frames())
                .int32(record.width())
                .floats(record.features())
                .flag(record.last())
                .int64(record.gapMillis());
    }

    @Override
    protected FeatureWindow read(int version, RecordReader in) throws IOException {
        return new FeatureWindow(
                in.string(),
                in.int64(),
                in.int64(),
                version < 2 ? in.int32() : in.int64(),
                in.int32(),
                in.int32(),
                in.floats(),
                in.flag(),
                in.int64());
    }

    @Override
    public FeatureWindow createInstance() {
        return new FeatureWindow("", 0, 0, 0, 0, 0, new float[0], false, 0);
    }

    @Override
    public Snapshot snapshotConfiguration() {
        return new Snapshot();
    }

    /** Snapshot of this serializer. */
    public static final class Snapshot extends RecordSerializerSnapshot<FeatureWindow> {
        /** Called by Flink. */
        public Snapshot() {
            super(INSTANCE);
        }
    }

    /** Called by Flink for the annotation on {@link FeatureWindow}. */
    public static final class TypeInfoFactory
            extends org.apache.flink.api.common.typeinfo.TypeInfoFactory<FeatureWindow> {
        @Override
        public TypeInformation<FeatureWindow> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new RecordTypeInfo<>(INSTANCE);
        }
    }
}
