package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.internal.interpret.Workspace;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * Layer norm of whole rows and of heads: a row a lane, mean and variance in two passes. The loops
 * hand vectors on through memory (package-info).
 */
final class NormSteps {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int PANEL = Lanes.PANEL;
    private static final int LENGTH = Lanes.LENGTH;

    private NormSteps() {}

    /** {@link Op.LayerNorm}, a panel at a time. */
    static final class Rows implements Step, WorkerPool.Task {
        private final Op.LayerNorm op;
        private final WorkerPool pool;
        private final float[] gain;
        private final float[] bias;
        private final float[][] scratch;
        private float[] in = {};
        private float[] out = {};

        Rows(Op.LayerNorm op, WorkerPool pool) {
            this.op = op;
            this.pool = pool;
            this.gain = op.gain().toFloats();
            this.scratch = new float[pool.threads()][2 * LENGTH];
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
            normalize(in, at, out, gain, bias, op.eps(), scratch[worker]);
        }
    }

    /** {@link Op.HeadNorm}, a panel at a time. */
    static final class Heads implements Step, WorkerPool.Task {
        private final Op.HeadNorm op;
        private final WorkerPool pool;
        private final float[] gain;
        private final float[] bias;
        private final float[][] scratch;
        private float[] slot = {};
        private int width;

        Heads(Op.HeadNorm op, WorkerPool pool) {
            this.op = op;
            this.pool = pool;
            this.gain = op.gain().toFloats();
            this.scratch = new float[pool.threads()][2 * LENGTH];
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
                normalize(slot, at, slot, gain, bias, op.eps(), scratch[worker]);
            }
        }
    }

    /** Normalizes {@code gain.length} columns of both vectors of a panel, from {@code in[at]}. */
    static void normalize(
            float[] in,
            int at,
            float[] out,
            float[] gain,
            float[] bias,
            float eps,
            float[] scratch) {
        for (int from = at; from <= at + LENGTH; from += LENGTH) {
            mean(in, from, gain.length, scratch);
            factor(in, from, gain.length, eps, scratch);
            scale(in, from, out, gain, bias, scratch);
        }
    }

    /** {@code scratch[0 ..] = mean}. Four partial sums hide the adder's latency. */
    private static void mean(float[] in, int at, int width, float[] scratch) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = FloatVector.zero(FLOATS);
        FloatVector c = FloatVector.zero(FLOATS);
        FloatVector d = FloatVector.zero(FLOATS);
        int whole = width & -4;
        for (int i = 0; i < whole; i += 4) {
            int from = at + i * PANEL;
            a = FloatVector.fromArray(FLOATS, in, from).add(a);
            b = FloatVector.fromArray(FLOATS, in, from + PANEL).add(b);
            c = FloatVector.fromArray(FLOATS, in, from + 2 * PANEL).add(c);
            d = FloatVector.fromArray(FLOATS, in, from + 3 * PANEL).add(d);
        }
        for (int i = whole; i < width; i++) {
            a = FloatVector.fromArray(FLOATS, in, at + i * PANEL).add(a);
        }
        a.add(b).add(c.add(d)).div(width).intoArray(scratch, 0);
    }

    /** {@code scratch[LENGTH ..] = 1 / sqrt(variance + eps)}; NaN where the variance overflows. */
    private static void factor(float[] in, int at, int width, float eps, float[] scratch) {
        FloatVector mean = FloatVector.fromArray(FLOATS, scratch, 0);
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = FloatVector.zero(FLOATS);
        FloatVector c = FloatVector.zero(FLOATS);
        FloatVector d = FloatVector.zero(FLOATS);
        int whole = width & -4;
        for (int i = 0; i < whole; i += 4) {
            int from = at + i * PANEL;
            FloatVector x = FloatVector.fromArray(FLOATS, in, from).sub(mean);
            FloatVector y = FloatVector.fromArray(FLOATS, in, from + PANEL).sub(mean);
            FloatVector z = FloatVector.fromArray(FLOATS, in, from + 2 * PANEL).sub(mean);
            FloatVector w = FloatVector.fromArray(FLOATS, in, from + 3 * PANEL).sub(mean);
            a = x.fma(x, a);
            b = y.fma(y, b);
            c = z.fma(z, c);
            d = w.fma(w, d);
        }
        for (int i = whole; i < width; i++) {
            FloatVector x = FloatVector.fromArray(FLOATS, in, at + i * PANEL).sub(mean);
            a = x.fma(x, a);
        }
        FloatVector variance = a.add(b).add(c.add(d)).div(width);
        FloatVector one = FloatVector.broadcast(FLOATS, 1);
        one.div(variance.add(eps).sqrt())
                .add(variance.sub(variance)) // 0, or NaN of infinity: not a row of biases
                .intoArray(scratch, LENGTH);
    }

    private static void scale(
            float[] in, int at, float[] out, float[] gain, float[] bias, float[] scratch) {
        FloatVector mean = FloatVector.fromArray(FLOATS, scratch, 0);
        FloatVector factor = FloatVector.fromArray(FLOATS, scratch, LENGTH);
        for (int c = 0; c < gain.length; c++) {
            FloatVector.fromArray(FLOATS, in, at + c * PANEL)
                    .sub(mean)
                    .mul(factor)
                    .mul(gain[c])
                    .add(bias[c])
                    .intoArray(out, at + c * PANEL);
        }
    }
}
