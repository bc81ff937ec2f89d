package org.flinksigmoid.operators.window;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.flinksigmoid.operators.types.RecordReader;
import org.flinksigmoid.operators.types.RecordSerializer;
import org.flinksigmoid.operators.types.RecordSerializerSnapshot;
import org.flinksigmoid.operators.types.RecordTypeInfo;
import org.flinksigmoid.operators.types.RecordWriter;

/** Serializer of {@link AudioGap}: its fields in the order of the record. */
public final class AudioGapSerializer extends RecordSerializer<AudioGap> {
    /** The only instance needed. */
    public static final AudioGapSerializer INSTANCE = new AudioGapSerializer();

    private static final long serialVersionUID = 1L;

    private AudioGapSerializer() {
        super(AudioGap.class, 1);
    }

    @Override
    protected void write(AudioGap gap, RecordWriter out) {
        out.string(gap.streamId())
                .int64(gap.startMillis())
                .int64(gap.endMillis())
                .int64(gap.missingChunks())
                .flag(gap.endsUtterance());
    }

    @Override
    protected AudioGap read(int version, RecordReader in) throws IOException {
        return new AudioGap(in.string(), in.int64(), in.int64(), in.int64(), in.flag());
    }

    @Override
    public AudioGap createInstance() {
        return new AudioGap("", 0, 0, 0, false);
    }

    @Override
    public Snapshot snapshotConfiguration() {
        return new Snapshot();
    }

    /** Snapshot of this serializer. */
    public static final class Snapshot extends RecordSerializerSnapshot<AudioGap> {
        /** Called by Flink. */
        public Snapshot() {
            super(INSTANCE);
        }
    }

    /** Called by Flink for the annotation on {@link AudioGap}. */
    public static final class TypeInfoFactory
            extends org.apache.flink.api.common.typeinfo.TypeInfoFactory<AudioGap> {
        @Override
        public TypeInformation<AudioGap> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            return new RecordTypeInfo<>(INSTANCE);
        }
    }
}
