package org.flinksigmoid.kernels.internal.vector;

import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.internal.interpret.Workspace;

/**
 * {@code out = residual + scale act(in W^T + bias)}. Split over panels of rows, and over groups of
 * outputs where there are fewer panels than the threads can share.
 */
final class LinearStep implements Step, WorkerPool.Task {
    private static final float[] NONE = {};

    private final Op.Linear op;
    private final PackedLayer layer;
    private final WorkerPool pool;
    private final float[][] scratch;
    private float[] in = NONE;
    private float[] out = NONE;
    private float[] residual = NONE;
    private int rows;
    private int groups;

    LinearStep(Op.Linear op, WorkerPool pool, WeightFormat format) {
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
        this.scratch = new float[pool.threads()][layer.scratch()];
    }

    @Override
    public void run(Workspace workspace) {
        in = workspace.slot(op.in());
        out = workspace.slot(op.out());
        residual = op.residual().isPresent() ? workspace.slot(op.residual().getAsInt()) : NONE;
        rows = workspace.rows(op.in());
        int panels = Panels.count(rows);
        groups = groups(panels);
        pool.run(this, panels * groups);
    }

    /** Enough groups for four shares a thread, none smaller than eight tiles. */
    private int groups(int panels) {
        int threads = pool.threads();
        if (threads == 1 || panels == 0 || panels >= 4 * threads) {
            return 1;
        }
        int wanted = Lanes.blocks(4 * threads, panels);
        return Math.max(1, Math.min(wanted, layer.tiles() / 8));
    }

    @Override
    public void run(int index, int worker) {
        int panel = index / groups;
        int group = index % groups;
        int tiles = layer.tiles();
        layer.run(
                in,
                panel * Lanes.PANEL * layer.inputs(),
                Panels.isNarrow(panel, rows),
                panel == 0,
                (int) ((long) tiles * group / groups),
                (int) ((long) tiles * (group + 1) / groups),
                residual,
                out,
                panel * Lanes.PANEL * layer.outputs(),
                scratch[worker]);
    }
}
