package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.internal.interpret.InputChecks;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Attention alone on the device, in float: one graph for each capacity that batches need. */
final class DeviceAttention implements AttentionKernel {
    private final AttentionSpec spec;
    private final FloatAttention attention;
    private final TornadoDevice device;
    private final Map<Key, Launch> launches = new HashMap<>();

    /** Queries' capacity and keys'. */
    private record Key(Capacity queries, Capacity keys) {}

    DeviceAttention(AttentionSpec spec, TornadoDevice device) {
        this.spec = spec;
        this.attention = new FloatAttention(spec, 0, 0, 0);
        this.device = device;
    }

    @Override
    public void run(
            RaggedBatch queries, RaggedBatch keys, float[] q, float[] k, float[] v, float[] out) {
        InputChecks.requireAttention(spec.width(), queries, keys, q, k, v, out);
        launches.computeIfAbsent(
                        new Key(Capacity.of(queries), Capacity.of(keys)), key -> new Launch(key))
                .run(queries, keys, q, k, v, out);
    }

    @Override
    public void close() {
        launches.values().forEach(Launch::close);
        launches.clear();
    }

    /** The graph of one capacity. */
    private final class Launch implements AutoCloseable {
        private final Geometry geometry;
        private final FloatArray q;
        private final FloatArray k;
        private final FloatArray v;
        private final FloatArray out;
        private final DevicePlan plan;

        Launch(Key key) {
            int width = spec.width();
            geometry = new Geometry(new int[] {key.queries.rows()}, key.queries.sequences(), 0);
            q = new FloatArray(Math.multiplyExact(key.queries.rows(), width));
            k = new FloatArray(Math.multiplyExact(key.keys.rows(), width));
            v = new FloatArray(Math.multiplyExact(key.keys.rows(), width));
            out = new FloatArray(Math.multiplyExact(key.queries.rows(), width));
            TaskList tasks = new TaskList();
            for (Object array : new Object[] {geometry.array(), q, k, v}) {
                tasks.fresh(array);
            }
            attention.addTo(tasks, "out", geometry, geometry.stage(0), q, k, v, out, width);
            tasks.result(out);
            plan = tasks.plan(device, false);
        }

        void run(
                RaggedBatch queries,
                RaggedBatch keys,
                float[] queryRows,
                float[] keyRows,
                float[] valueRows,
                float[] outRows) {
            geometry.fill(geometry.stage(0), queries, keys);
            up(queryRows, queries, q);
            up(keyRows, keys, k);
            up(valueRows, keys, v);
            plan.execute();
            int values = queries.rows() * spec.width();
            MemorySegment.copy(out.getSegment(), ValueLayout.JAVA_FLOAT, 0, outRows, 0, values);
        }

        private void up(float[] rows, RaggedBatch batch, FloatArray to) {
            int values = batch.rows() * spec.width();
            MemorySegment.copy(rows, 0, to.getSegment(), ValueLayout.JAVA_FLOAT, 0, values);
        }

        @Override
        public void close() {
            plan.close();
        }
    }
}
