package org.flinksigmoid.kernels.internal.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
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
        private final float[][] logs;
        private float[] in = {};
        private float[] out = {};
        private int width;

        RowFunction(Op.RowFunction op, WorkerPool pool) {
            this.op = op;
            this.pool = pool;
            this.logs = new float[pool.threads()][LENGTH];
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
            run(at, logs[worker]);
            run(at + LENGTH, logs[worker]);
        }

        private void run(int at, float[] log) {
            switch (op.kind()) {
                case LOG_SOFTMAX -> logSoftmax(at, log);
                case SOFTMAX -> softmax(at);
                case SIGMOID -> {
                    for (int c = 0; c < width; c++) {
                        VectorMath.sigmoid(load(at, c)).intoArray(out, at + c * PANEL);
                    }
                }
                case L2_NORMALIZE -> normalize(at);
            }
        }

        private FloatVector load(int at, int column) {
            return FloatVector.fromArray(Lanes.FLOATS, in, at + column * PANEL);
        }

        private FloatVector largest(int at) {
            FloatVector max = load(at, 0);
            for (int c = 1; c < width; c++) {
                max = max.max(load(at, c));
            }
            return max;
        }

        private void logSoftmax(int at, float[] log) {
            FloatVector max = largest(at);
            FloatVector sum = VectorMath.broadcast(0);
            for (int c = 0; c < width; c++) {
                sum = sum.add(VectorMath.exp(load(at, c).sub(max)));
            }
            sum.intoArray(log, 0);
            for (int lane = 0; lane < LENGTH; lane++) {
                log[lane] = (float) Math.log(log[lane]);
            }
            FloatVector logSum = FloatVector.fromArray(Lanes.FLOATS, log, 0);
            for (int c = 0; c < width; c++) {
                load(at, c).sub(max).sub(logSum).intoArray(out, at + c * PANEL);
            }
        }

        private void softmax(int at) {
            FloatVector max = largest(at);
            FloatVector sum = VectorMath.broadcast(0);
            for (int c = 0; c < width; c++) {
                FloatVector exp = VectorMath.exp(load(at, c).sub(max));
                sum = sum.add(exp);
                exp.intoArray(out, at + c * PANEL);
            }
            for (int c = 0; c < width; c++) {
                FloatVector.fromArray(Lanes.FLOATS, out, at + c * PANEL)
                        .div(sum)
                        .intoArray(out, at + c * PANEL);
            }
        }

        private void normalize(int at) {
            FloatVector squares = VectorMath.broadcast(0);
            for (int c = 0; c < width; c++) {
                FloatVector x = load(at, c);
                squares = x.fma(x, squares);
            }
            FloatVector one = VectorMath.broadcast(1);
            FloatVector length = squares.sqrt();
            FloatVector divisor = length.blend(one, length.compare(VectorOperators.EQ, 0));
            for (int c = 0; c < width; c++) {
                load(at, c).div(divisor).intoArray(out, at + c * PANEL);
            }
        }
    }
}
