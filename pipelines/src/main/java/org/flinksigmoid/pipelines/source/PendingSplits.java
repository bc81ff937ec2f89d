package org.flinksigmoid.pipelines.source;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
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

    /**
     * Version 1: round, then the splits as {@link StreamSplitSerializer} writes them. Version 2:
     * the same deflated, to a tenth where many files have like names; of version 1 one is read,
     * too.
     */
    static final class Serializer implements SimpleVersionedSerializer<PendingSplits> {
        @Override
        public int getVersion() {
            return 2;
        }

        @Override
        public byte[] serialize(PendingSplits pending) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out =
                    new DataOutputStream(
                            new BufferedOutputStream(new DeflaterOutputStream(bytes)))) {
                out.writeInt(pending.round());
                out.writeInt(pending.splits().size());
                for (StreamSplit split : pending.splits()) {
                    StreamSplitSerializer.write(split, out);
                }
            }
            return bytes.toByteArray();
        }

        @Override
        public PendingSplits deserialize(int version, byte[] serialized) throws IOException {
            InputStream bytes = new ByteArrayInputStream(serialized);
            return switch (version) {
                case 1 -> read(bytes);
                case 2 -> read(new BufferedInputStream(new InflaterInputStream(bytes)));
                default ->
                        throw new IOException(
                                "source state: expected version 1 or 2, found " + version);
            };
        }

        private static PendingSplits read(InputStream bytes) throws IOException {
            DataInputStream in = new DataInputStream(bytes);
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
