package org.flinksigmoid.operators.types;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Serializer of {@link WindowLogProbs}: its fields in the order of the record. Version 1 had no
 * version of the model; 1 and 2 counted frames in 32 bits.
 */
public final class WindowLogProbsSerializer extends RecordSerializer<WindowLogProbs> {
    /** The only instance needed. */
    public static final WindowLogProbsSerializer INSTANCE = new WindowLogProbsSerializer();

    private static final long serialVersionUID = 1L;

    private WindowLogProbsSerializer() {
        super(WindowLogProbs.class, 3);
    }

    @Override
    protected void write(WindowLogProbs record, RecordWriter out) {
        out.string(record.streamId())
                .int64(record.index())
                .int64(record.streamStartMillis())
                .int64(record.startFrame())
                .int32(record.frames())
                .flag(record.last())
                .int64(record.gapMillis())
                .int32(record.classes())
                .floats(record.logProbs())
                .string(record.modelVersion());
    }

    @Override
    protected WindowLogProbs read(int version, RecordReader in) throws IOException {
        return new WindowLogProbs(
                in.string(),
                in.int64(),
                in.int64(),
                version < 3 ? in.int32() : in.int64(),
                in.int32(),
                in.flag(),
                in.int64(),
                in.int32(),
                in.floats(),
                version < 2 ? "" : in.string());
    }

    @Override
    public WindowLogProbs createInstance() {
        return new WindowLogProbs("", 0, 0, 0, 0, false, 0, 1, new float[0]);
    }

    @Override
    public Snapshot snapshotConfiguration() {
        return new Snapshot();
    }

    /** Snapshot of this serializer. */
    public static final class Snapshot extends RecordSerializerSnapshot<WindowLogProbs> {
        /** Called by Flink. */
        public Snapshot() {
            super(INSTANCE);
        }
    }

    /** Called by Flink for the annotation on {@link WindowLogProbs}. */
    public static final class TypeInfoFactory
            extends org.apache.flink.api.common.typeinfo.TypeInfoFactory<WindowLogProbs> {
        @Override
        public TypeInformation<WindowLogProbs> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new RecordTypeInfo<>(INSTANCE);
        }
    }
}
