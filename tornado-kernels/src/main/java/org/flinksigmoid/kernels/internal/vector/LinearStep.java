package org.flinksigmoid.kernels.internal.vector;

import java.util.Arrays;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.internal.interpret.Workspace;

/**
 * {@code out = residual + scale act(in W^T + bias)}. Few rows are split over tiles of outputs: each
 * thread reads its own weights. Of many, each thread has chunks of panels of its own, which stay in
 * its cache from step to step. How: {@link LayerShares}.
 */
final class LinearStep implements Step, WorkerPool.Task {
    private static final float[] NONE = {};

    /** Most tiles of a least share: one of fewer reads the rows anew for less. */
    private static final int LEAST_TILES = 36 / Lanes.LONG_TILE;

    /** Most products of a least share of several tiles: 25 us at 200 GFLOP/s. */
    private static final int LEAST_PRODUCTS = 2_400_000;

    /**
     * Least rows a thread that are split by rows. Weights are then read by every thread, which
     * costs little where each serves so many rows; with AVX2, which reads no weights ahead, few
     * will do (CPU-NOTES.md).
     */
    private static final int LEAST_ROWS = Lanes.LONG_TILE == 12 ? 128 : 32;

    /** Ints of a cache line: no two threads write to one. */
    private static final int LINE = 16;

    private final Op.Linear op;
    private final PackedLayer layer;
    private final WorkerPool pool;
    private final StepScratch scratch;
    private final LayerShares shares;
    private final boolean fetches;

    /** The share that each thread's last one has read the first weights of. */
    private final int[] ready;

    private float[] in = NONE;
    private float[] out = NONE;
    private float[] residual = NONE;
    private int rows;

    /** Panels of a chunk. */
    private int chunk;

    private boolean byRows;

    /**
     * Packs the layer.
     *
     * @param fetches whether weights that are likely in memory are fetched before their products
     */
    LinearStep(
            Op.Linear op,
            WorkerPool pool,
            WeightFormat format,
            boolean fetches,
            StepScratch scratch) {
        this.op = op;
        this.pool = pool;
        this.fetches = fetches;
        int outputs = (int) op.weight().shape().dimension(0);
        this.layer =
                new PackedLayer(
                        op.weight().toFloats(),
                        outputs,
                        op.bias(),
                        op.activation(),
                        op.scale(),
                        format);
        this.shares = new LayerShares(pool.threads());
        this.ready = new int[pool.threads() * LINE];
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
        byRows = pool.threads() > 1 && rows / pool.threads() >= LEAST_ROWS;
        int owners = byRows ? pool.threads() : 1;
        int most = owners * Lanes.blocks(panels, owners * PackedLayer.CHUNK);
        chunk = panels == 0 ? 1 : Lanes.blocks(panels, most);
        shares.cut(Lanes.blocks(panels, chunk), layer.tiles(), leastTiles(), byRows);
        Arrays.fill(ready, PackedLayer.NOTHING);
        pool.run(this, shares.parts());
    }

    private int leastTiles() {
        long tile = (long) Lanes.LONG_TILE * layer.inputs() * chunk * Lanes.PANEL;
        return Math.clamp(LEAST_PRODUCTS / tile, 1, LEAST_TILES);
    }

    @Override
    public void run(int index, int worker) {
        int first = shares.chunk(index) * chunk;
        int tileFrom = shares.firstTile(index);
        int panels = Math.min(chunk, Panels.count(rows) - first);
        // What this thread takes next, unless another does.
        int next = index + 1;
        boolean ahead = layer.isPacing(panels) && next < shares.count();
        boolean cold = fetches && (byRows || first == 0) && ready[worker * LINE] != index;
        ready[worker * LINE] = ahead ? next : PackedLayer.NOTHING;
        layer.run(
                in,
                first * Lanes.PANEL * layer.inputs(),
                panels,
                Panels.isNarrow(first + panels - 1, rows),
                cold,
                tileFrom,
                tileFrom + shares.tiles(index),
                ahead ? shares.firstTile(next) : PackedLayer.NOTHING,
                residual,
                out,
                first * Lanes.PANEL * layer.outputs(),
                scratch.of(worker));
    }
}
