package org.flinksigmoid.kernels.internal.vector;

import java.util.Arrays;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.internal.interpret.Workspace;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * Operations that move or add a few numbers a row: embeddings, positions, pooling. Plain loops over
 * a row's strided elements, split over panels; they take under 1% of an encoder's time.
 */
final class RowSteps {
    private static final int PANEL = Lanes.PANEL;

    private RowSteps() {}

    /** {@link Op.Embed}. */
    static final class Embed implements Step, WorkerPool.Task {
        private final Op.Embed op;
        private final WorkerPool pool;
        private final EmbeddingTable table;
        private int[] ids = {};
        private float[] out = {};
        private int rows;

        Embed(Op.Embed op, WorkerPool pool, WeightFormat format) {
            this.op = op;
            this.pool = pool;
            this.table = EmbeddingTable.of(format, op.table());
        }

        @Override
        public void run(Workspace workspace) {
            ids = workspace.ids();
            out = workspace.slot(op.out());
            rows = workspace.rows(op.out());
            pool.run(this, Panels.count(rows));
        }

        @Override
        public void run(int panel, int worker) {
            int end = Math.min(rows, (panel + 1) * PANEL);
            for (int r = panel * PANEL; r < end; r++) {
                table.load(ids[r], r, out);
            }
        }
    }

    /** {@link Op.AddPosition}. */
    static final class AddPosition implements Step, WorkerPool.Task {
        private final Op.AddPosition op;
        private final WorkerPool pool;
        private final float[] table;
        private RaggedBatch batch = RaggedBatch.ofLengths();
        private float[] slot = {};
        private int width;

        AddPosition(Op.AddPosition op, WorkerPool pool) {
            this.op = op;
            this.pool = pool;
            this.table = op.table().toFloats();
        }

        @Override
        public void run(Workspace workspace) {
            batch = workspace.sequences(op.slot());
            slot = workspace.slot(op.slot());
            width = workspace.width(op.slot());
            pool.run(this, batch.size());
        }

        @Override
        public void run(int sequence, int worker) {
            for (int p = 0; p < batch.length(sequence); p++) {
                int at = Panels.at(batch.offset(sequence) + p, width);
                int from = p * width;
                for (int c = 0; c < width; c++) {
                    slot[at + c * PANEL] += table[from + c];
                }
            }
        }
    }

    /** {@link Op.Pool}, adding up rows in their order. */
    static final class Pool implements Step, WorkerPool.Task {
        private final Op.Pool op;
        private final WorkerPool pool;
        private final float[][] totals;
        private RaggedBatch batch = RaggedBatch.ofLengths();
        private float[] in = {};
        private float[] out = {};

        Pool(Op.Pool op, int width, WorkerPool pool) {
            this.op = op;
            this.pool = pool;
            this.totals = new float[pool.threads()][width];
        }

        @Override
        public void run(Workspace workspace) {
            batch = workspace.sequences(op.in());
            in = workspace.slot(op.in());
            out = workspace.slot(op.out());
            pool.run(this, batch.size());
        }

        @Override
        public void run(int sequence, int worker) {
            float[] total = totals[worker];
            int length = batch.length(sequence);
            if (length == 0) {
                Arrays.fill(total, 0);
            } else {
                gather(batch.offset(sequence), total);
            }
            if (op.kind() != Op.Pooling.FIRST) {
                for (int r = 1; r < length; r++) {
                    accumulate(batch.offset(sequence) + r, total);
                }
            }
            if (op.kind() == Op.Pooling.MEAN && length > 0) {
                for (int c = 0; c < total.length; c++) {
                    total[c] /= length;
                }
            }
            Panels.loadRow(total, 0, sequence, total.length, out);
        }

        private void gather(int row, float[] total) {
            int from = Panels.at(row, total.length);
            for (int c = 0; c < total.length; c++) {
                total[c] = in[from + c * PANEL];
            }
        }

        private void accumulate(int row, float[] total) {
            int from = Panels.at(row, total.length);
            if (op.kind() == Op.Pooling.MEAN) {
                for (int c = 0; c < total.length; c++) {
                    total[c] += in[from + c * PANEL];
                }
            } else {
                for (int c = 0; c < total.length; c++) {
                    total[c] = Math.max(total[c], in[from + c * PANEL]);
                }
            }
        }
    }
}
