package org.flinksigmoid.operators.window;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.AudioChunkSerializer;
import org.flinksigmoid.operators.types.RecordReader;
import org.flinksigmoid.operators.types.RecordWriter;

/**
 * Serializer of {@link StreamTrack}: {@code int32 length, int8 version, fields}. Unlike the records
 * of {@code types} this is state that changes in place, so {@link #copy(StreamTrack)} copies.
 */
public final class StreamTrackSerializer extends TypeSerializerSingleton<StreamTrack> {
    static final StreamTrackSerializer INSTANCE = new StreamTrackSerializer();

    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;
    private static final int MAX_BYTES = 256 << 20;

    /** Called by Flink, too. */
    public StreamTrackSerializer() {}

    @Override
    public void serialize(StreamTrack track, DataOutputView target) throws IOException {
        ChunkOrder order = track.order;
        RecordWriter out = new RecordWriter().int8(VERSION);
        out.flag(order.started()).int64(order.next()).longs(order.missing());
        out.int32(order.waiting().size());
        for (AudioChunk chunk : order.waiting()) {
            out.bytes(AudioChunkSerializer.INSTANCE.toBytes(chunk));
        }
        out.flag(track.open).flag(track.closed);
        out.int64(track.startMillis).int64(track.endMillis);
        out.int64(track.missingChunks).int64(track.gapMillis).int64(track.timer);
        out.bytes(track.audioSnapshot());
        byte[] bytes = out.toBytes();
        target.writeInt(bytes.length);
        target.write(bytes);
    }

    @Override
    public StreamTrack deserialize(DataInputView source) throws IOException {
        int length = source.readInt();
        if (length < 1 || length > MAX_BYTES) {
            throw new IOException(
                    "StreamTrack: expected a length of 1 .. %d bytes, found %d"
                            .formatted(MAX_BYTES, length));
        }
        byte[] bytes = new byte[length];
        source.readFully(bytes);
        RecordReader in = new RecordReader("StreamTrack", bytes);
        int version = in.int8();
        if (version != VERSION) {
            throw in.damaged("expected version %d, found %d".formatted(VERSION, version));
        }
        StreamTrack track = new StreamTrack();
        boolean started = in.flag();
        long next = in.int64();
        long[] missing = in.longs();
        List<AudioChunk> waiting = new ArrayList<>();
        for (int left = in.int32(); left > 0; left--) {
            waiting.add(AudioChunkSerializer.INSTANCE.fromBytes(in.bytes()));
        }
        track.order = ChunkOrder.restore(started, next, missing, waiting);
        track.open = in.flag();
        track.closed = in.flag();
        track.startMillis = in.int64();
        track.endMillis = in.int64();
        track.missingChunks = in.int64();
        track.gapMillis = in.int64();
        track.timer = in.int64();
        track.freezeAudio(in.bytes());
        in.end();
        return track;
    }

    @Override
    public StreamTrack deserialize(StreamTrack reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        int length = source.readInt();
        target.writeInt(length);
        target.write(source, length);
    }

    @Override
    public StreamTrack copy(StreamTrack from) {
        return from.copy();
    }

    @Override
    public StreamTrack copy(StreamTrack from, StreamTrack reuse) {
        return from.copy();
    }

    @Override
    public StreamTrack createInstance() {
        return new StreamTrack();
    }

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public TypeSerializerSnapshot<StreamTrack> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Snapshot of this serializer; every state carries its own version. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<StreamTrack> {
        /** Called by Flink. */
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
