package org.flinksigmoid.kernels.internal.vector;

import java.util.Arrays;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.internal.interpret.Workspace;

/** Elementwise operations and functions of whole rows, a row a lane. */
final class LaneSteps {
    private static final int PANEL = Lanes.PANEL;
    private static final int LENGTH = Lanes.LENGTH;

    private LaneSteps() {}

    /** {@link Op.ResidualAdd}, a panel at a time. */
    static final class ResidualAdd implements Step, WorkerPool.Task {
        private final Op.ResidualAdd op;
        private final WorkerPool pool;
        private float[] in = {};
        private float[] slot = {};
        private float[] factors = {};

        ResidualAdd(Op.ResidualAdd op, WorkerPool pool) {
            this.op = op;
            this.pool = pool;
            op.scale().ifPresent(scale -> factors = scale.toFloats());
        }

        @Override
        public void run(Workspace workspace) {
            in = workspace.slot(op.in());
            slot = workspace.slot(op.slot());
            int width = workspace.width(op.slot());
            if (factors.length < width) {
                factors = new float[width];
                Arrays.fill(factors, 1);
            }
            pool.run(this, Panels.count(workspace.rows(op.slot())));
        }

        @Override
        public void run(int panel, int worker) {
            int at = panel * factors.length * PANEL;
            Epilogue.addScaled(in, at, factors.length, false, factors, 0, slot, slot, at);
        }
    }

    /** {@link Op.RowFunction}, a panel at a time. */
    static final class RowFunction implements Step, WorkerPool.Task {
        private final Op.RowFunction op;
        private final WorkerPool pool;
        private final LaneFunction function;
        private final float[][] scratch;
        private float[] in = {};
        private float[] out = {};
        private int width;

        RowFunction(Op.RowFunction op, WorkerPool pool) {
            this.op = op;
            this.pool = pool;
            this.function = LaneFunction.of(op.kind());
            this.scratch = new float[pool.threads()][LENGTH];
        }

        @Override
        public void run(Workspace workspace) {
            in = workspace.slot(op.in());
            out = workspace.slot(op.out());
            width = workspace.width(op.in());
            pool.run(this, Panels.count(workspace.rows(op.in())));
        }

        @Override
        public void run(int panel, int worker) {
            int at = panel * width * PANEL;
            function.apply(in, out, at, width, scratch[worker]);
            function.apply(in, out, at + LENGTH, width, scratch[worker]);
        }
    }
}
