package org.flinksigmoid.pipelines.source;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The enumerator's state.
 *
 * @param splits not yet handed to a reader, in order
 * @param round the round that they belong to, or that has just been handed out
 */
record PendingSplits(List<StreamSplit> splits, int round) {
    PendingSplits {
        splits = List.copyOf(splits);
    }

    /** Version 1: round, then the splits as {@link StreamSplitSerializer} writes them. */
    static final class Serializer implements SimpleVersionedSerializer<PendingSplits> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(PendingSplits pending) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(pending.round());
            out.writeInt(pending.splits().size());
            for (StreamSplit split : pending.splits()) {
                StreamSplitSerializer.write(split, out);
            }
            return bytes.toByteArray();
        }

        @Override
        public PendingSplits deserialize(int version, byte[] serialized) throws IOException {
            StreamSplitSerializer.checkVersion(version);
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
            int round = in.readInt();
            int count = in.readInt();
            List<StreamSplit> splits = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                splits.add(StreamSplitSerializer.read(in));
            }
            StreamSplitSerializer.checkEnd(in);
            return new PendingSplits(splits, round);
        }
    }
}
