package org.flinksigmoid.kernels.internal.vector;

import java.util.Optional;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.internal.interpret.Workspace;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * {@link Op.Conv1d} as a matrix product: the inputs that a panel of output rows sees are gathered
 * into {@code [kernel * in, PANEL]} (scratch of a thread, O(kernel in)), then multiplied by the
 * weights in the same order.
 */
final class ConvolutionStep implements Step, WorkerPool.Task {
    private static final int PANEL = Lanes.PANEL;
    private static final float[] NONE = {};

    private final Op.Conv1d op;
    private final PackedLayer layer;
    private final WorkerPool pool;
    private final StepScratch scratch;
    private final float[][] gathered;
    private final int inWidth;
    private final boolean fetches;
    private RaggedBatch before = RaggedBatch.ofLengths();
    private RaggedBatch after = RaggedBatch.ofLengths();
    private float[] in = {};
    private float[] out = {};

    /**
     * Packs the convolution.
     *
     * @param fetches whether weights that are likely in memory are fetched before their products
     */
    ConvolutionStep(
            Op.Conv1d op,
            WorkerPool pool,
            WeightFormat format,
            boolean fetches,
            StepScratch scratch) {
        this.op = op;
        this.pool = pool;
        this.fetches = fetches;
        int outputs = (int) op.weight().shape().dimension(0);
        this.inWidth = (int) op.weight().shape().dimension(1);
        this.layer =
                new PackedLayer(
                        tapsFirst(op.weight().toFloats(), inWidth, op.kernel()),
                        outputs,
                        op.bias(),
                        op.activation(),
                        Optional.empty(),
                        format);
        this.scratch = scratch;
        scratch.reserve(layer.scratch());
        this.gathered = new float[pool.threads()][layer.inputs() * PANEL];
    }

    /** {@code [out, in, kernel]} to {@code [out, kernel, in]}. */
    private static float[] tapsFirst(float[] weight, int in, int kernel) {
        float[] turned = new float[weight.length];
        for (int at = 0; at < weight.length; at++) {
            int tap = at % kernel;
            int channel = at / kernel % in;
            int output = at / kernel / in;
            turned[(output * kernel + tap) * in + channel] = weight[at];
        }
        return turned;
    }

    @Override
    public void run(Workspace workspace) {
        before = workspace.sequences(op.in());
        after = workspace.sequences(op.out());
        in = workspace.slot(op.in());
        out = workspace.slot(op.out());
        pool.run(this, Panels.count(after.rows()));
    }

    @Override
    public void run(int panel, int worker) {
        gather(panel, gathered[worker]);
        layer.run(
                gathered[worker],
                0,
                1,
                Panels.isNarrow(panel, after.rows()),
                fetches && panel == 0,
                0,
                layer.tiles(),
                PackedLayer.NOTHING,
                NONE,
                out,
                panel * PANEL * layer.outputs(),
                scratch.of(worker));
    }

    private void gather(int panel, float[] columns) {
        int first = panel * PANEL;
        int end = Math.min(first + PANEL, after.rows());
        int sequence = sequenceOf(first);
        for (int row = first; row < end; row++) {
            while (row >= after.offset(sequence + 1)) {
                sequence++;
            }
            int start = (row - after.offset(sequence)) * op.stride() - op.padding();
            for (int tap = 0; tap < op.kernel(); tap++) {
                int to = tap * inWidth * PANEL + row - first;
                int from = start + tap;
                if (from < 0 || from >= before.length(sequence)) {
                    for (int c = 0; c < inWidth; c++) {
                        columns[to + c * PANEL] = 0;
                    }
                } else {
                    int source = Panels.at(before.offset(sequence) + from, inWidth);
                    for (int c = 0; c < inWidth; c++) {
                        columns[to + c * PANEL] = in[source + c * PANEL];
                    }
                }
            }
        }
    }

    private int sequenceOf(int row) {
        int low = 0;
        int high = after.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (after.offset(middle + 1) <= row) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
