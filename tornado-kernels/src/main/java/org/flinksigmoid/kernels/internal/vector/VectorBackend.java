package org.flinksigmoid.kernels.internal.vector;

import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.PeakRate;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.interpret.InterpretedExecutable;
import org.flinksigmoid.kernels.internal.interpret.Step;

/** Interprets programs with the Vector API on one pool of threads. */
final class VectorBackend implements Backend, PeakRate {
    static final String NAME = "vector";

    /** So many of a thread's peak runs in one, that waking it doesn't count. */
    private static final int PEAK_SHARES = 20;

    private final WorkerPool pool;
    private final WeightFormat weights;

    VectorBackend(int threads, WeightFormat weights) {
        WarmUp.begin(KernelCalls.common(weights));
        this.pool = new WorkerPool(threads);
        this.weights = weights;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        String threads = pool.threads() + (pool.threads() == 1 ? " thread" : " threads");
        String format = weights == WeightFormat.FLOAT ? "" : ", weights in " + weights;
        return describe() + ", " + threads + format;
    }

    /** The width, as {@code 512-bit vectors}. */
    static String describe() {
        return Lanes.FLOATS.vectorBitSize() + "-bit vectors";
    }

    @Override
    public Executable prepare(Program program) {
        Map<Object, KernelCalls.Call> calls = KernelCalls.of(program);
        WarmUp.begin(calls);
        List<Step> steps = VectorSteps.of(program, pool, weights);
        WarmUp.finish(KernelCalls.common(weights));
        WarmUp.finish(calls);
        return new InterpretedExecutable(program, new PanelLayout(pool), steps);
    }

    @Override
    public AttentionKernel attention(AttentionSpec spec) {
        WarmUp.finish(KernelCalls.common(weights));
        WarmUp.finish(KernelCalls.of(spec));
        return new VectorAttention(spec, pool);
    }

    @Override
    public double operationsAtPeak() {
        return MultiplyAddPeak.operations() * PEAK_SHARES * pool.threads();
    }

    @Override
    public float runAtPeak() {
        float[] results = new float[PEAK_SHARES * pool.threads()];
        pool.run((index, worker) -> results[index] = MultiplyAddPeak.run(), results.length);
        return results[0];
    }

    @Override
    public void close() {
        pool.close();
    }
}
