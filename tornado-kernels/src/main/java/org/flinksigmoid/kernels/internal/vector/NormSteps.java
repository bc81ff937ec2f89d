package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.internal.interpret.Workspace;
import org.flinksigmoid.kernels.tensor.Tensor;

/** Layer norm of whole rows and of heads: a row a lane, mean and variance in two passes. */
final class NormSteps {
    private static final int PANEL = Lanes.PANEL;
    private static final int LENGTH = Lanes.LENGTH;

    private NormSteps() {}

    /** {@link Op.LayerNorm}, a panel at a time. */
    static final class Rows implements Step, WorkerPool.Task {
        private final Op.LayerNorm op;
        private final WorkerPool pool;
        private final float[] gain;
        private final float[] bias;
        private float[] in = {};
        private float[] out = {};

        Rows(Op.LayerNorm op, WorkerPool pool) {
            this.op = op;
            this.pool = pool;
            this.gain = op.gain().toFloats();
            this.bias = op.bias().map(Tensor::toFloats).orElseGet(() -> new float[gain.length]);
        }

        @Override
        public void run(Workspace workspace) {
            in = workspace.slot(op.in());
            out = workspace.slot(op.out());
            pool.run(this, Panels.count(workspace.rows(op.in())));
        }

        @Override
        public void run(int panel, int worker) {
            int at = panel * gain.length * PANEL;
            normalize(in, at, out, gain, bias, op.eps());
            normalize(in, at + LENGTH, out, gain, bias, op.eps());
        }
    }

    /** {@link Op.HeadNorm}, a panel at a time. */
    static final class Heads implements Step, WorkerPool.Task {
        private final Op.HeadNorm op;
        private final WorkerPool pool;
        private final float[] gain;
        private final float[] bias;
        private float[] slot = {};
        private int width;

        Heads(Op.HeadNorm op, WorkerPool pool) {
            this.op = op;
            this.pool = pool;
            this.gain = op.gain().toFloats();
            this.bias = new float[gain.length];
        }

        @Override
        public void run(Workspace workspace) {
            slot = workspace.slot(op.slot());
            width = workspace.width(op.slot());
            pool.run(this, Panels.count(workspace.rows(op.slot())));
        }

        @Override
        public void run(int panel, int worker) {
            for (int head = 0; head < op.heads(); head++) {
                int at = (panel * width + op.column() + head * op.headDim()) * PANEL;
                normalize(slot, at, slot, gain, bias, op.eps());
                normalize(slot, at + LENGTH, slot, gain, bias, op.eps());
            }
        }
    }

    /**
     * Normalizes {@code gain.length} columns of a vector of rows, from {@code in[at]} to {@code
     * out[at]}. Four partial sums hide the adder's latency.
     */
    private static void normalize(
            float[] in, int at, float[] out, float[] gain, float[] bias, float eps) {
        int width = gain.length;
        FloatVector mean = sum(in, at, width).div(width);
        FloatVector variance = squares(in, at, width, mean).div(width);
        FloatVector factor = VectorMath.broadcast(1).div(variance.add(eps).sqrt());
        for (int c = 0; c < width; c++) {
            load(in, at + c * PANEL)
                    .sub(mean)
                    .mul(factor)
                    .fma(VectorMath.broadcast(gain[c]), VectorMath.broadcast(bias[c]))
                    .intoArray(out, at + c * PANEL);
        }
    }

    private static FloatVector sum(float[] in, int at, int width) {
        FloatVector a = VectorMath.broadcast(0);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int whole = width & -4;
        for (int i = 0; i < whole; i += 4) {
            int from = at + i * PANEL;
            a = a.add(load(in, from));
            b = b.add(load(in, from + PANEL));
            c = c.add(load(in, from + 2 * PANEL));
            d = d.add(load(in, from + 3 * PANEL));
        }
        for (int i = whole; i < width; i++) {
            a = a.add(load(in, at + i * PANEL));
        }
        return a.add(b).add(c.add(d));
    }

    private static FloatVector squares(float[] in, int at, int width, FloatVector mean) {
        FloatVector a = VectorMath.broadcast(0);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int whole = width & -4;
        for (int i = 0; i < whole; i += 4) {
            int from = at + i * PANEL;
            FloatVector x = load(in, from).sub(mean);
            FloatVector y = load(in, from + PANEL).sub(mean);
            FloatVector z = load(in, from + 2 * PANEL).sub(mean);
            FloatVector t = load(in, from + 3 * PANEL).sub(mean);
            a = x.fma(x, a);
            b = y.fma(y, b);
            c = z.fma(z, c);
            d = t.fma(t, d);
        }
        for (int i = whole; i < width; i++) {
            FloatVector x = load(in, at + i * PANEL).sub(mean);
            a = x.fma(x, a);
        }
        return a.add(b).add(c.add(d));
    }

    private static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(Lanes.FLOATS, array, at);
    }
}
