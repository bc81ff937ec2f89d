package org.flinksigmoid.kernels.internal.vector;

import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.internal.interpret.InputChecks;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** {@link FusedAttention} over a caller's row-major arrays. */
final class VectorAttention implements AttentionKernel {
    private final FusedAttention attention;
    private final int width;
    private final HeadRows queryRows = new HeadRows(false);
    private final HeadRows keyRows = new HeadRows(false);
    private final HeadRows valueRows = new HeadRows(false);
    private final HeadRows outRows = new HeadRows(false);

    VectorAttention(AttentionSpec spec, WorkerPool pool) {
        this.attention = new FusedAttention(spec, pool);
        this.width = spec.width();
    }

    @Override
    public void run(
            RaggedBatch queries, RaggedBatch keys, float[] q, float[] k, float[] v, float[] out) {
        InputChecks.requireAttention(width, queries, keys, q, k, v, out);
        attention.run(
                queries,
                keys,
                queryRows.bind(q, width, 0),
                keyRows.bind(k, width, 0),
                valueRows.bind(v, width, 0),
                outRows.bind(out, width, 0));
    }

    @Override
    public void close() {
        // Heap memory only; the threads are the backend's.
    }
}
