package org.flinksigmoid.kernels.internal.vector;

import java.util.Arrays;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.internal.interpret.Workspace;

/**
 * {@code out = residual + scale act(in W^T + bias)}. Few rows are split over tiles of outputs: each
 * thread reads its own weights. Of many, each thread has chunks of panels of its own, which stay in
 * its cache from step to step.
 *
 * <p>Shares get smaller towards the end, so that threads end together however fast each of them is:
 * a processor that others use, too, may be half as fast as its neighbour.
 */
final class LinearStep implements Step, WorkerPool.Task {
    private static final float[] NONE = {};

    /** Least tiles of a share: less costs more than it evens, as each reads the rows anew. */
    private static final int LEAST_TILES = 36 / Lanes.LONG_TILE;

    /**
     * Least rows a thread that are split by rows. Weights are then read by every thread, which
     * costs little where each serves so many rows.
     */
    private static final int LEAST_ROWS = 128;

    /** Ints of a cache line: no two threads write to one. */
    private static final int LINE = 16;

    private final Op.Linear op;
    private final PackedLayer layer;
    private final WorkerPool pool;
    private final StepScratch scratch;

    /** The share that each thread's last one has read the first weights of. */
    private final int[] ready;

    private float[] in = NONE;
    private float[] out = NONE;
    private float[] residual = NONE;
    private int rows;
    private int chunk;

    /** Chunks for which the shares are cut. */
    private int chunks;

    /** Whether they are cut by rows. */
    private boolean byRows;

    private int shares;

    /** Where each share begins, and the last ends: a chunk times the layer's tiles and a tile. */
    private int[] starts = {0};

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
        boolean many = pool.threads() > 1 && rows / pool.threads() >= LEAST_ROWS;
        int parts = many ? pool.threads() : 1;
        int most = parts * Lanes.blocks(panels, parts * PackedLayer.CHUNK);
        chunk = panels == 0 ? 1 : Lanes.blocks(panels, most);
        int count = Lanes.blocks(panels, chunk);
        if (count != chunks || many != byRows) {
            chunks = count;
            byRows = many;
            cut();
        }
        Arrays.fill(ready, PackedLayer.NOTHING);
        pool.run(this, shares);
    }

    /** Each share is a part of what is left: of its chunk if cut by rows, else of all chunks. */
    private void cut() {
        int tiles = layer.tiles();
        int all = chunks * tiles;
        shares = 0;
        for (int at = 0; at < all; ) {
            int left = tiles - at % tiles;
            int part = byRows ? left / 2 : (all - at) * 2 / (3 * pool.threads());
            int size = Math.max(LEAST_TILES, part);
            size = pool.threads() == 1 || size + LEAST_TILES > left ? left : size;
            if (shares + 2 > starts.length) {
                starts = Arrays.copyOf(starts, 2 * shares + 2);
            }
            starts[shares++] = at;
            at += size;
            starts[shares] = at;
        }
    }

    @Override
    public void run(int index, int worker) {
        int tiles = layer.tiles();
        int first = starts[index] / tiles * chunk;
        int tileFrom = starts[index] % tiles;
        int panels = Math.min(chunk, Panels.count(rows) - first);
        // What this thread takes next if all are equally fast.
        int next = index + (byRows ? 1 : pool.threads());
        boolean ahead = layer.isPacing(panels) && next < shares;
        boolean cold = (byRows || first == 0) && ready[worker * LINE] != index;
        ready[worker * LINE] = ahead ? next : PackedLayer.NOTHING;
        layer.run(
                in,
                first * Lanes.PANEL * layer.inputs(),
                panels,
                Panels.isNarrow(first + panels - 1, rows),
                cold,
                tileFrom,
                tileFrom + starts[index + 1] - starts[index],
                ahead ? starts[next] % tiles : PackedLayer.NOTHING,
                residual,
                out,
                first * Lanes.PANEL * layer.outputs(),
                scratch.of(worker));
    }
}
