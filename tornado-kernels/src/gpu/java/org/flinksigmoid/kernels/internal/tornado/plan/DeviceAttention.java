package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.internal.interpret.InputChecks;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CardStream;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** Attention alone on the device, in float: one graph for each capacity that batches need. */
final class DeviceAttention implements AttentionKernel {
    private final Device device;
    private final Card card;
    private final CardStream stream;
    private final AttentionSpec spec;
    private final Parameters parameters = new Parameters();
    private final FloatAttention attention;
    private final Staging staging;
    private final Map<Key, Launch> launches = new HashMap<>();

    /** Queries' capacity and keys'. */
    private record Key(Capacity queries, Capacity keys) {}

    DeviceAttention(AttentionSpec spec, Device device) {
        this.device = device;
        this.card = device.card();
        this.stream = card.streams().getFirst();
        this.spec = spec;
        this.attention = new FloatAttention(parameters, spec, 0, 0, 0);
        this.staging = new Staging(card, device.crew());
        card.exclusively(
                () -> {
                    parameters.send(card);
                    return null;
                });
    }

    @Override
    public void run(
            RaggedBatch queries, RaggedBatch keys, float[] q, float[] k, float[] v, float[] out) {
        InputChecks.requireAttention(spec.width(), queries, keys, q, k, v, out);
        card.exclusively(
                () -> {
                    launches.computeIfAbsent(
                                    new Key(Capacity.of(queries), Capacity.of(keys)), Launch::new)
                            .run(queries, keys, q, k, v, out);
                    return null;
                });
    }

    @Override
    public void close() {
        card.exclusively(
                () -> {
                    launches.values().forEach(launch -> launch.recording.free());
                    launches.clear();
                    staging.free();
                    parameters.free(card);
                    return null;
                });
    }

    /** The graph of one capacity. */
    private final class Launch {
        private final Recording recording = new Recording(device);
        private final Geometry geometry;
        private final Region q;
        private final Region k;
        private final Region v;
        private final Region out;

        Launch(Key key) {
            int width = spec.width();
            int[] rows = {key.queries.rows()};
            geometry = new Geometry(recording, rows, key.queries.sequences(), 0, true);
            q = recording.array(Region.Type.FLOATS, (long) key.queries.rows() * width);
            k = recording.array(Region.Type.FLOATS, (long) key.keys.rows() * width);
            v = recording.array(Region.Type.FLOATS, (long) key.keys.rows() * width);
            out = recording.array(Region.Type.FLOATS, (long) key.queries.rows() * width);
            attention.addTo(recording, geometry, geometry.stage(0), q, k, v, out, width);
            recording.capture(stream);
        }

        void run(
                RaggedBatch queries,
                RaggedBatch keys,
                float[] queryRows,
                float[] keyRows,
                float[] valueRows,
                float[] outRows) {
            int queryValues = queries.rows() * spec.width();
            int keyValues = keys.rows() * spec.width();
            staging.begin();
            MemorySegment arriving;
            try {
                geometry.fill(geometry.stage(0), queries, keys);
                geometry.send(staging, stream);
                staging.up(stream, queryRows, queryValues, q);
                staging.up(stream, keyRows, keyValues, k);
                staging.up(stream, valueRows, keyValues, v);
                recording.launch();
                arriving = staging.down(stream, out, queryValues);
            } finally { // whatever has been queued reads and writes memory of the next run
                stream.synchronize();
            }
            MemorySegment.copy(arriving, ValueLayout.JAVA_FLOAT, 0, outRows, 0, queryValues);
        }
    }
}
