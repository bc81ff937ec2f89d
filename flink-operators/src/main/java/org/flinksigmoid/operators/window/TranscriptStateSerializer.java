package org.flinksigmoid.operators.window;

import java.io.IOException;
import org.flinksigmoid.operators.types.RecordReader;
import org.flinksigmoid.operators.types.RecordSerializer;
import org.flinksigmoid.operators.types.RecordSerializerSnapshot;
import org.flinksigmoid.operators.types.RecordWriter;

/** Serializer of {@link TranscriptState}: its fields in the order of the record. */
final class TranscriptStateSerializer extends RecordSerializer<TranscriptState> {
    static final TranscriptStateSerializer INSTANCE = new TranscriptStateSerializer();

    private static final long serialVersionUID = 1L;

    private TranscriptStateSerializer() {
        super(TranscriptState.class, 2);
    }

    @Override
    protected void write(TranscriptState state, RecordWriter out) {
        out.int64(state.streamStartMillis())
                .int64(state.nextIndex())
                .int64(state.endMillis())
                .int64(state.timerMillis())
                .int64(state.gapMillis())
                .string(state.partial())
                .bytes(state.decoder())
                .int32(state.hearing());
    }

    @Override
    protected TranscriptState read(int version, RecordReader in) throws IOException {
        return new TranscriptState(
                in.int64(),
                in.int64(),
                in.int64(),
                in.int64(),
                in.int64(),
                in.string(),
                in.bytes(),
                version == 1 ? TranscriptState.UNKNOWN : in.int32());
    }

    @Override
    public TranscriptState createInstance() {
        return new TranscriptState(0, 0, 0, 0, 0, "", new byte[0], TranscriptState.UNKNOWN);
    }

    @Override
    public Snapshot snapshotConfiguration() {
        return new Snapshot();
    }

    /** Snapshot of this serializer. */
    public static final class Snapshot extends RecordSerializerSnapshot<TranscriptState> {
        /** Called by Flink. */
        public Snapshot() {
            super(INSTANCE);
        }
    }
}
