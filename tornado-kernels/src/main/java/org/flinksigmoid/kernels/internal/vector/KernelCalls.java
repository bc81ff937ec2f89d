package org.flinksigmoid.kernels.internal.vector;

import java.util.LinkedHashMap;
import java.util.Map;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.WeightFormat;

/**
 * Short calls of the kernels, for {@link WarmUp}: each takes every branch of its kernel within
 * {@link #TURNS}, because a branch that C2 has never seen taken throws compiled code away later.
 * Zeros in, and nobody reads what comes out.
 */
final class KernelCalls {
    /** Turns after which a kernel has been called in all its ways. */
    static final int TURNS = 4;

    /**
     * Rows that a call sweeps: interpreted some 3 ms, and too few for C2 to compile a loop by
     * itself before the method.
     */
    private static final int ROWS = 23;

    /**
     * Inputs of a tile: whole turns only. One that is left over goes to the narrow tile, always
     * with sums, and C2 would compile that twice: for sums alone, and anew for the first call
     * without.
     */
    private static final int INPUTS = 20;

    private static final int PANEL = Lanes.PANEL;
    private static final int LENGTH = Lanes.LENGTH;
    private static final float[] NONE = {};

    private final Map<Object, Call> calls = new LinkedHashMap<>();

    private KernelCalls() {}

    /** Calls a kernel. */
    interface Call {
        /** In one of its ways. */
        void run(int turn);
    }

    /** What every program needs, by kernel, in the order of the compiler's work: most first. */
    static Map<Object, Call> common(WeightFormat format) {
        KernelCalls found = new KernelCalls();
        found.addTiles(false, Lanes.LONG_TILE);
        found.calls.put(NormSteps.class, norm());
        found.addTiles(false, Lanes.TILE);
        found.addTiles(true, Lanes.LONG_TILE);
        found.addTiles(true, Lanes.TILE);
        found.addWeights(format);
        return found.calls;
    }

    /** What a program needs beside {@link #common}, in the order in which it runs. */
    static Map<Object, Call> of(Program program) {
        KernelCalls found = new KernelCalls();
        for (Op op : program.ops()) {
            found.add(op);
        }
        return found.calls;
    }

    /** What an attention needs beside {@link #common}. */
    static Map<Object, Call> of(AttentionSpec spec) {
        KernelCalls found = new KernelCalls();
        found.addAttention(spec);
        return found.calls;
    }

    private void add(Op op) {
        switch (op) {
            case Op.Conv1d conv -> addActivation(conv.activation());
            case Op.Linear linear -> {
                addActivation(linear.activation());
                boolean plain =
                        linear.activation() == Activation.IDENTITY && linear.scale().isEmpty();
                if (linear.residual().isPresent() && !plain) {
                    addResidual();
                } else if (linear.scale().isPresent()) {
                    addScale();
                }
            }
            case Op.Rotary rotary -> addRotation();
            case Op.Attention attention -> addAttention(attention.spec());
            case Op.ResidualAdd add -> addResidual();
            case Op.RowFunction function -> addRowFunction(function.kind());
            case Op.LayerNorm norm -> {}
            case Op.HeadNorm norm -> {}
            case Op.Embed embed -> {}
            case Op.AddPosition position -> {}
            case Op.Pool pool -> {}
        }
    }

    /** {@link Tiles}; also where earlier sums come and don't. */
    private void addTiles(boolean narrow, int outputs) {
        float[] weights = new float[INPUTS * outputs];
        float[] panel = new float[INPUTS * PANEL];
        float[] sums = new float[outputs * PANEL];
        calls.put(
                (narrow ? "narrow tile" : "tile") + " of " + outputs,
                turn ->
                        Tiles.multiply(
                                weights,
                                0,
                                panel,
                                0,
                                INPUTS,
                                sums,
                                0,
                                (turn & 1) != 0 ? sums : NONE,
                                0,
                                sums,
                                0,
                                outputs,
                                narrow));
    }

    private static Call norm() {
        float[] rows = new float[ROWS * PANEL];
        float[] gain = new float[ROWS];
        float[] scratch = new float[2 * LENGTH];
        return turn -> NormSteps.normalize(rows, 0, rows, gain, gain, 1, scratch);
    }

    private void addWeights(WeightFormat format) {
        if (format == WeightFormat.FLOAT) {
            return;
        }
        int stride = ROWS * TileWeights.unit(format);
        float[] scratch = new float[stride];
        TileWeights weights = TileWeights.of(format, new float[stride], stride);
        calls.put(format, turn -> weights.open(0, scratch, 0));
        if (format == WeightFormat.INT8) {
            float[] rows = new float[ROWS * PANEL];
            float[] factors = new float[ROWS];
            calls.put(
                    "shift",
                    turn ->
                            Epilogue.scaleAndShift(
                                    rows, 0, ROWS, isOdd(turn), factors, factors, 0));
        }
    }

    private void addActivation(Activation kind) {
        if (kind == Activation.IDENTITY) {
            return;
        }
        TileActivation activation = TileActivation.of(kind);
        float[] rows = new float[ROWS * PANEL];
        calls.put(
                activation.getClass(),
                turn -> activation.apply(rows, 0, ROWS, isOdd(turn) ? 2 : 1));
    }

    private void addResidual() {
        float[] rows = new float[ROWS * PANEL];
        float[] factors = new float[ROWS];
        calls.put(
                "residual",
                turn -> Epilogue.addScaled(rows, 0, ROWS, isOdd(turn), factors, 0, rows, rows, 0));
    }

    private void addScale() {
        float[] rows = new float[ROWS * PANEL];
        float[] factors = new float[ROWS];
        calls.put("scale", turn -> Epilogue.scale(rows, 0, ROWS, isOdd(turn), factors, 0, rows, 0));
    }

    private void addRotation() {
        float[] rows = new float[2 * PANEL];
        calls.put(RotaryStep.class, turn -> RotaryStep.rotate(rows, 0, PANEL, rows, rows, 0));
    }

    private void addAttention(AttentionSpec spec) {
        addPasses(ScorePass.of(spec, false));
        if (spec.mask() != Mask.NONE) {
            addPasses(ScorePass.of(spec, true));
        }
        if (spec instanceof SoftmaxAttention) {
            addPasses(new ScorePass.Rescale());
        }
    }

    private void addPasses(ScorePass... passes) {
        for (ScorePass pass : passes) {
            ScoreBlock block = new ScoreBlock(ROWS);
            block.rows = ROWS;
            calls.put(pass.getClass(), turn -> pass.apply(block, 0));
        }
    }

    private void addRowFunction(Op.RowKind kind) {
        LaneFunction function = LaneFunction.of(kind);
        float[] rows = new float[ROWS * PANEL];
        float[] scratch = new float[LENGTH];
        calls.put(function.getClass(), turn -> function.apply(rows, rows, 0, ROWS, scratch));
    }

    private static boolean isOdd(int turn) {
        return (turn & 1) != 0;
    }
}
