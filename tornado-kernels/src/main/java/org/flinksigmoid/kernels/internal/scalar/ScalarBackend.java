package org.flinksigmoid.kernels.internal.scalar;

import java.util.List;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.interpret.InterpretedExecutable;
import org.flinksigmoid.kernels.internal.interpret.SlotLayout;
import org.flinksigmoid.kernels.internal.interpret.Step;

/** Interprets programs with {@link ScalarKernels} and {@link ScalarAttention}. */
final class ScalarBackend implements Backend {
    static final String NAME = "scalar";

    private final WeightFormat weights;

    ScalarBackend(WeightFormat weights) {
        this.weights = weights;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "plain loops, 1 thread";
    }

    @Override
    public Executable prepare(Program program) {
        List<Step> steps = program.ops().stream().map(op -> ScalarSteps.of(op, weights)).toList();
        return new InterpretedExecutable(program, SlotLayout.ROW_MAJOR, steps);
    }

    @Override
    public AttentionKernel attention(AttentionSpec spec) {
        return new ScalarAttention(spec);
    }

    @Override
    public void close() {
        // Owns nothing.
    }
}
