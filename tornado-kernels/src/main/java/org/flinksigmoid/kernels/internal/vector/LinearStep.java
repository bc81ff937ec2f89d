package org.flinksigmoid.kernels.internal.vector;

import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.internal.interpret.Workspace;

/**
 * {@code out = residual + scale act(in W^T + bias)}. Split over chunks of panels of rows, and over
 * groups of outputs where there are fewer chunks than the threads can share: two threads then read
 * different weights.
 */
final class LinearStep implements Step, WorkerPool.Task {
    private static final float[] NONE = {};

    /**
     * Operations that a share should have at least, about 100 us: less costs more than it evens.
     */
    private static final double SHARE = 2e7;

    /** Most shares a thread. */
    private static final int MOST_SHARES = 8;

    private final Op.Linear op;
    private final PackedLayer layer;
    private final WorkerPool pool;
    private final StepScratch scratch;
    private float[] in = NONE;
    private float[] out = NONE;
    private float[] residual = NONE;
    private int rows;
    private int chunk;
    private int groups;

    LinearStep(Op.Linear op, WorkerPool pool, WeightFormat format, StepScratch scratch) {
        this.op = op;
        this.pool = pool;
        int outputs = (int) op.weight().shape().dimension(0);
        this.layer =
                new PackedLayer(
                        op.weight().toFloats(),
                        outputs,
                        op.bias(),
                        op.activation(),
                        op.scale(),
                        format);
        this.scratch = scratch;
        scratch.reserve(layer.scratch());
    }

    @Override
    public void run(Workspace workspace) {
        in = workspace.slot(op.in());
        out = workspace.slot(op.out());
        residual = op.residual().isPresent() ? workspace.slot(op.residual().getAsInt()) : NONE;
        rows = workspace.rows(op.in());
        int panels = Panels.count(rows);
        int chunks = Lanes.blocks(panels, PackedLayer.CHUNK);
        chunk = chunks == 0 ? 0 : Lanes.blocks(panels, chunks);
        groups = groups(chunks);
        pool.run(this, chunks * groups);
    }

    /** Groups of outputs, each at least as large as the layer's own. */
    private int groups(int chunks) {
        int threads = pool.threads();
        if (threads == 1 || chunks == 0) {
            return 1;
        }
        double work = 2.0 * rows * layer.inputs() * layer.outputs();
        int each = (int) Math.min(MOST_SHARES, work / threads / SHARE);
        int wanted = Lanes.blocks(threads * Math.max(1, each), chunks);
        return Math.max(1, Math.min(wanted, layer.tiles() / PackedLayer.GROUP));
    }

    @Override
    public void run(int index, int worker) {
        int first = index / groups * chunk;
        int group = index % groups;
        int tiles = layer.tiles();
        int panels = Math.min(chunk, Panels.count(rows) - first);
        layer.run(
                in,
                first * Lanes.PANEL * layer.inputs(),
                panels,
                Panels.isNarrow(first + panels - 1, rows),
                first == 0,
                (int) ((long) tiles * group / groups),
                (int) ((long) tiles * (group + 1) / groups),
                residual,
                out,
                first * Lanes.PANEL * layer.outputs(),
                scratch.of(worker));
    }
}
