package org.flinksigmoid.kernels.internal.vector;

import java.util.Arrays;
import org.flinksigmoid.kernels.internal.interpret.Workspace;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** Cosines and sines of RoPE's angles, for the rows of one batch in panels. */
final class RotaryTable {
    private final int half;
    private final double[] frequencies;

    /** {@code [position, half]}, for the positions met so far. */
    private float[] cosineOf = {};

    private float[] sineOf = {};
    private float[] cosines = {};
    private float[] sines = {};
    private RaggedBatch prepared = RaggedBatch.ofLengths();

    RotaryTable(int headDim, double theta) {
        half = headDim / 2;
        frequencies = new double[half];
        for (int j = 0; j < half; j++) {
            frequencies[j] = Math.pow(theta, -2.0 * j / headDim);
        }
    }

    /** Cosines {@code [panel, half, PANEL]} of the prepared batch. */
    float[] cosines() {
        return cosines;
    }

    /** Sines, laid out alike. */
    float[] sines() {
        return sines;
    }

    /** Lays the angles out for a batch; nothing to do if it is the last one again. */
    void prepare(RaggedBatch batch) {
        if (batch.equals(prepared)) {
            return;
        }
        extend(batch.maxLength());
        int size = Panels.size(batch.rows(), half);
        cosines = Workspace.grown(cosines, size);
        sines = Workspace.grown(sines, size);
        for (int s = 0; s < batch.size(); s++) {
            for (int p = 0; p < batch.length(s); p++) {
                Panels.loadRow(cosineOf, p * half, batch.offset(s) + p, half, cosines);
                Panels.loadRow(sineOf, p * half, batch.offset(s) + p, half, sines);
            }
        }
        prepared = batch;
    }

    private void extend(int positions) {
        int known = half == 0 ? positions : cosineOf.length / half;
        if (positions <= known) {
            return;
        }
        cosineOf = Arrays.copyOf(cosineOf, positions * half);
        sineOf = Arrays.copyOf(sineOf, positions * half);
        for (int p = known; p < positions; p++) {
            for (int j = 0; j < half; j++) {
                double angle = p * frequencies[j];
                cosineOf[p * half + j] = (float) Math.cos(angle);
                sineOf[p * half + j] = (float) Math.sin(angle);
            }
        }
    }
}
