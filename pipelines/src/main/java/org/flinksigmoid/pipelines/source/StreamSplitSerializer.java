package org.flinksigmoid.pipelines.source;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Version 1: id, parts, round, position, start. */
final class StreamSplitSerializer implements SimpleVersionedSerializer<StreamSplit> {
    private static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(StreamSplit split) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write(split, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    @Override
    public StreamSplit deserialize(int version, byte[] serialized) throws IOException {
        checkVersion(version);
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
        StreamSplit split = read(in);
        checkEnd(in);
        return split;
    }

    static void write(StreamSplit split, DataOutputStream out) throws IOException {
        out.writeUTF(split.input().id());
        out.writeInt(split.input().parts().size());
        for (String part : split.input().parts()) {
            out.writeUTF(part);
        }
        out.writeInt(split.round());
        out.writeLong(split.position());
        out.writeLong(split.startMillis());
    }

    static StreamSplit read(DataInputStream in) throws IOException {
        String id = in.readUTF();
        int count = in.readInt();
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parts.add(in.readUTF());
        }
        return new StreamSplit(
                new StreamInput(id, parts), in.readInt(), in.readLong(), in.readLong());
    }

    static void checkVersion(int version) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "source state: expected version %d, found %d".formatted(VERSION, version));
        }
    }

    static void checkEnd(DataInputStream in) throws IOException {
        if (in.read() >= 0) {
            throw new IOException("source state: expected its end, found more bytes");
        }
    }
}
