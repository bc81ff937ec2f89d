package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.List;
import java.util.Optional;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;

/**
 * How a program's slots lie when it runs in half precision, and whether it can. Slots with a row a
 * sequence, and those that row functions work on, stay float; all others are halves. Around an
 * attention every head gets the width that the tile kernel knows, the rest zero.
 */
final class HalfForms {
    private static final int[] WIDTHS = {32, 64, 96, 128};
    private static final int LINE = 64;
    private static final int ALIGNMENT = 8;

    private final Program program;
    private final boolean[] floats;

    HalfForms(Program program) {
        this.program = program;
        this.floats = new boolean[program.slots().size()];
        for (Slot slot : program.slots()) {
            floats[slot.id()] = slot.stage() == Slot.PER_SEQUENCE;
        }
        for (Op op : program.ops()) {
            if (op instanceof Op.RowFunction function) {
                floats[function.in()] = true;
                floats[function.out()] = true;
            }
        }
    }

    /**
     * Columns of halves.
     *
     * @param headDim columns that lie together
     * @param headWidth elements from such a group to the next
     * @param width columns
     * @param stride elements from a row to the next
     */
    record Form(int headDim, int headWidth, int width, int stride) {
        /** The element of a row that a column lies at. */
        int at(int column) {
            return column / headDim * headWidth + column % headDim;
        }

        /** Elements of a row, those between groups too. */
        int elements() {
            return width / headDim * headWidth;
        }
    }

    /** Whether a slot holds floats. */
    boolean floats(int slot) {
        return floats[slot];
    }

    /** One column after the other. */
    Form plain(int slot) {
        int width = program.slot(slot).width();
        return new Form(width, width, width, roundUp(width, ALIGNMENT));
    }

    private static int roundUp(int value, int multiple) {
        return Math.ceilDiv(value, multiple) * multiple;
    }

    /** Heads as the tile kernel wants them. */
    Form heads(AttentionSpec spec, int slot) {
        int width = program.slot(slot).width();
        int headWidth = tileWidth(spec.headDim());
        return new Form(
                spec.headDim(),
                headWidth,
                width,
                roundUp(width / spec.headDim() * headWidth, LINE));
    }

    private static int tileWidth(int headDim) {
        for (int width : WIDTHS) {
            if (headDim <= width) {
                return width;
            }
        }
        return 0;
    }

    /** The form that the linear layer at {@code index} writes: whoever reads next decides. */
    Form written(int index, int slot) {
        List<Op> ops = program.ops();
        for (int i = index + 1; i < ops.size(); i++) {
            switch (ops.get(i)) {
                case Op.HeadNorm norm when norm.slot() == slot -> {}
                case Op.Rotary rotary when rotary.slot() == slot -> {}
                case Op.Attention attention when attention.in() == slot -> {
                    return heads(attention.spec(), slot);
                }
                default -> {
                    return plain(slot);
                }
            }
        }
        return plain(slot);
    }

    /** Why the program must run in float, if it must. */
    Optional<String> problem() {
        for (Op op : program.ops()) {
            Optional<String> problem = problem(op);
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    private Optional<String> problem(Op op) {
        return switch (op) {
            case Op.Attention attention -> attention(attention);
            case Op.Linear linear -> linear(linear);
            case Op.Pool pool -> need(!floats[pool.in()] && floats[pool.out()], op);
            case Op.LayerNorm norm -> need(floats[norm.in()] == floats[norm.out()], op);
            case Op.ResidualAdd add -> need(floats[add.in()] == floats[add.slot()], op);
            case Op.Conv1d conv -> need(!floats[conv.in()] && !floats[conv.out()], op);
            case Op.HeadNorm norm -> need(!floats[norm.slot()], op);
            case Op.Rotary rotary -> need(!floats[rotary.slot()], op);
            case Op.Embed embed -> Optional.empty();
            case Op.AddPosition position -> Optional.empty();
            case Op.RowFunction function -> Optional.empty();
        };
    }

    private static Optional<String> need(boolean met, Op op) {
        return met
                ? Optional.empty()
                : Optional.of(op.getClass().getSimpleName() + " mixes slots of floats and halves");
    }

    private Optional<String> attention(Op.Attention op) {
        AttentionSpec spec = op.spec();
        if (!(spec instanceof SigmoidAttention)) {
            return Optional.of("softmax attention has no tile kernel");
        }
        if (tileWidth(spec.headDim()) == 0) {
            return Optional.of("head size " + spec.headDim() + " has no tile kernel");
        }
        if (program.slot(op.in()).width() % spec.headDim() != 0
                || op.queryColumn() % spec.headDim() != 0
                || op.keyColumn() % spec.headDim() != 0
                || op.valueColumn() % spec.headDim() != 0) {
            return Optional.of("heads don't start at multiples of their size");
        }
        return need(!floats[op.in()] && !floats[op.out()], op);
    }

    private Optional<String> linear(Op.Linear op) {
        if (floats[op.in()]) {
            return need(
                    floats[op.out()]
                            && (op.residual().isEmpty() || floats[op.residual().getAsInt()]),
                    op);
        }
        boolean adds = op.residual().isPresent();
        if (adds && (floats[op.out()] || op.residual().getAsInt() != op.out())) {
            return Optional.of("a linear layer adds to another slot than its own");
        }
        boolean bends = op.activation() != Activation.IDENTITY;
        if (bends && (adds || op.scale().isPresent() || floats[op.out()])) {
            return Optional.of("an activation is scaled, added or float");
        }
        return Optional.empty();
    }
}
