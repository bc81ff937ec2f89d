package org.flinksigmoid.kernels.internal.vector;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.internal.interpret.Workspace;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * {@link Op.Rotary}: cosines and sines come from a table {@code [position, headDim/2]}, grown to
 * the longest sequence seen, and are laid out for the batch's panels once a run.
 */
final class RotaryStep implements Step, WorkerPool.Task {
    private static final int PANEL = Lanes.PANEL;
    private static final int LENGTH = Lanes.LENGTH;

    private final Op.Rotary op;
    private final WorkerPool pool;
    private final RotaryTable table;
    private float[] slot = {};
    private int width;

    /**
     * A rotation.
     *
     * @param table shared by the rotations of one program that agree in stage, width and theta
     */
    RotaryStep(Op.Rotary op, WorkerPool pool, RotaryTable table) {
        this.op = op;
        this.pool = pool;
        this.table = table;
    }

    @Override
    public void run(Workspace workspace) {
        RaggedBatch batch = workspace.sequences(op.slot());
        table.prepare(batch);
        slot = workspace.slot(op.slot());
        width = workspace.width(op.slot());
        pool.run(this, Panels.count(batch.rows()));
    }

    @Override
    public void run(int panel, int worker) {
        float[] cosines = table.cosines();
        float[] sines = table.sines();
        int half = op.headDim() / 2;
        int angles = panel * half * PANEL;
        for (int head = 0; head < op.heads(); head++) {
            int at = (panel * width + op.column() + head * op.headDim()) * PANEL;
            for (int j = 0; j < half; j++) {
                int angle = angles + j * PANEL;
                int first = at + j * PANEL;
                int second = first + half * PANEL;
                rotate(slot, first, second, cosines, sines, angle);
                rotate(slot, first + LENGTH, second + LENGTH, cosines, sines, angle + LENGTH);
            }
        }
    }

    /** Turns one vector of pairs of columns. */
    static void rotate(
            float[] slot, int first, int second, float[] cosines, float[] sines, int angle) {
        FloatVector cos = fromArray(Lanes.FLOATS, cosines, angle);
        FloatVector sin = fromArray(Lanes.FLOATS, sines, angle);
        FloatVector a = fromArray(Lanes.FLOATS, slot, first);
        FloatVector b = fromArray(Lanes.FLOATS, slot, second);
        a.mul(cos).sub(b.mul(sin)).intoArray(slot, first);
        b.mul(cos).add(a.mul(sin)).intoArray(slot, second);
    }
}
