package org.flinksigmoid.operators.types;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Serializer of {@link AudioChunk}: its fields in the order of the record. */
public final class AudioChunkSerializer extends RecordSerializer<AudioChunk> {
    /** The only instance needed. */
    public static final AudioChunkSerializer INSTANCE = new AudioChunkSerializer();

    private static final long serialVersionUID = 1L;

    private AudioChunkSerializer() {
        super(AudioChunk.class, 1);
    }

    @Override
    protected void write(AudioChunk record, RecordWriter out) {
        out.string(record.streamId())
                .int64(record.sequence())
                .int64(record.timestampMillis())
                .int32(record.sampleRate())
                .shorts(record.samples())
                .flag(record.last());
    }

    @Override
    protected AudioChunk read(int version, RecordReader in) throws IOException {
        return new AudioChunk(
                in.string(), in.int64(), in.int64(), in.int32(), in.shorts(), in.flag());
    }

    @Override
    public AudioChunk createInstance() {
        return new AudioChunk("", 0, 0, 0, new short[0], false);
    }

    @Override
    public Snapshot snapshotConfiguration() {
        return new Snapshot();
    }

    /** Snapshot of this serializer. */
    public static final class Snapshot extends RecordSerializerSnapshot<AudioChunk> {
        /** Called by Flink. */
        public Snapshot() {
            super(INSTANCE);
        }
    }

    /** Called by Flink for the annotation on {@link AudioChunk}. */
    public static final class TypeInfoFactory
            extends org.apache.flink.api.common.typeinfo.TypeInfoFactory<AudioChunk> {
        @Override
        public TypeInformation<AudioChunk> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new RecordTypeInfo<>(INSTANCE);
        }
    }
}
