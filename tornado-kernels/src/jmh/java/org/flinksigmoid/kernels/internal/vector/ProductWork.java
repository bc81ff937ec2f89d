package org.flinksigmoid.kernels.internal.vector;

import java.util.Optional;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;

/** A product {@code x W^T} of random operands, as a layer makes it; its results are checked. */
final class ProductWork {
    private static final float[] NONE = {};

    private final int rows;
    private final PackedLayer layer;
    private final float[] x;
    private final float[] out;
    private final float[] sums;

    ProductWork(int rows, int outputs, int inputs) {
        this.rows = rows;
        RandomArrays random = new RandomArrays(1);
        float[] weight = random.normal(outputs * inputs, 1);
        layer =
                new PackedLayer(
                        weight,
                        outputs,
                        Optional.empty(),
                        Activation.IDENTITY,
                        Optional.empty(),
                        WeightFormat.FLOAT);
        float[] rowMajor = random.normal(rows * inputs, 1);
        x = new float[Panels.size(rows, inputs)];
        for (int panel = 0; panel < Panels.count(rows); panel++) {
            Panels.load(rowMajor, rows, inputs, x, panel);
        }
        out = new float[Panels.size(rows, outputs)];
        sums = new float[layer.scratch()];
        multiply();
        check(weight, rowMajor, random.normal(outputs, 1));
    }

    /** Freivalds' check: {@code out v} is {@code x (W^T v)} for random v, row by row. */
    private void check(float[] weight, float[] rowMajor, float[] v) {
        int inputs = layer.inputs();
        double[] combined = new double[inputs];
        for (int i = 0; i < weight.length; i++) {
            combined[i % inputs] += (double) weight[i] * v[i / inputs];
        }
        for (int row = 0; row < rows; row++) {
            double expected = 0;
            for (int i = 0; i < inputs; i++) {
                expected += combined[i] * rowMajor[row * inputs + i];
            }
            double found = 0;
            for (int j = 0; j < v.length; j++) {
                found += (double) out[Panels.at(row, v.length) + j * Lanes.PANEL] * v[j];
            }
            if (!(Math.abs(found - expected) < 1e-4 * Math.sqrt(weight.length))) {
                throw new IllegalStateException(
                        "row %d: expected %s, found %s".formatted(row, expected, found));
            }
        }
    }

    /** {@code x W^T} over packed weights. */
    float[] multiply() {
        int panels = Panels.count(rows);
        for (int first = 0; first < panels; first += PackedLayer.CHUNK) {
            int count = Math.min(PackedLayer.CHUNK, panels - first);
            layer.run(
                    x,
                    first * Lanes.PANEL * layer.inputs(),
                    count,
                    Panels.isNarrow(first + count - 1, rows),
                    false, // as in a model of one such layer, whose weights a cache holds
                    0,
                    layer.tiles(),
                    PackedLayer.NOTHING,
                    NONE,
                    out,
                    first * Lanes.PANEL * layer.outputs(),
                    sums);
        }
        return out;
    }

    /** Floating point operations of a call. */
    double operations() {
        return 2.0 * rows * layer.outputs() * layer.inputs();
    }
}
