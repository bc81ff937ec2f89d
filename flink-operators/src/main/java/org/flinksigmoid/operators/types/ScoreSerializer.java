package org.flinksigmoid.operators.types;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Serializer of {@link Score}: its fields in the order of the record. */
public final class ScoreSerializer extends RecordSerializer<Score> {
    /** The only instance needed. */
    public static final ScoreSerializer INSTANCE = new ScoreSerializer();

    private static final long serialVersionUID = 1L;

    private ScoreSerializer() {
        super(Score.class, 1);
    }

    @Override
    protected void write(Score record, RecordWriter out) {
        out.string(record.key())
                .string(record.id())
                .string(record.label())
                .float32(record.score())
                .floats(record.scores())
                .int32(record.characters())
                .int64(record.timestampMillis())
                .string(record.modelVersion());
    }

    @Override
    protected Score read(int version, RecordReader in) throws IOException {
        return new Score(
                in.string(),
                in.string(),
                in.string(),
                in.float32(),
                in.floats(),
                in.int32(),
                in.int64(),
                in.string());
    }

    @Override
    public Score createInstance() {
        return new Score("", "", "", 0f, new float[0], 0, 0, "");
    }

    @Override
    public Snapshot snapshotConfiguration() {
        return new Snapshot();
    }

    /** Snapshot of this serializer. */
    public static final class Snapshot extends RecordSerializerSnapshot<Score> {
        /** Called by Flink. */
        public Snapshot() {
            super(INSTANCE);
        }
    }

    /** Called by Flink for the annotation on {@link Score}. */
    public static final class TypeInfoFactory
            extends org.apache.flink.api.common.typeinfo.TypeInfoFactory<Score> {
        @Override
        public TypeInformation<Score> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new RecordTypeInfo<>(INSTANCE);
        }
    }
}
