package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.Optional;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.kernels.UnfoldKernels;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * A convolution in half precision: its input's rows laid side by side, then a matrix product. The
 * program's features go in as the floats they came as.
 */
final class HalfConvolution {
    private final Op.Conv1d op;
    private final int width;
    private final int innerStride;
    private final HalfLinear product;

    private HalfConvolution(Parameters parameters, Op.Conv1d op, int width, HalfForms.Form out) {
        this.op = op;
        this.width = width;
        int taps = op.kernel();
        int inner = taps * width;
        innerStride = Math.ceilDiv(inner, UnfoldKernels.PIECE) * UnfoldKernels.PIECE;
        product =
                HalfLinear.of(
                        parameters,
                        Pack.tapsFirst(op.weight().toFloats(), out.width(), width, taps),
                        inner,
                        innerStride,
                        op.bias().map(Tensor::toFloats).orElse(new float[out.width()]),
                        out.width(),
                        out.stride(),
                        op.activation());
    }

    /** Whether a program's input goes into one convolution and nowhere else, as it is. */
    static boolean takesFeatures(Program program) {
        return program.ops().getFirst() instanceof Op.Conv1d conv
                && conv.in() == program.input()
                && inPieces(program.slot(conv.in()).width())
                && program.ops().stream().skip(1).noneMatch(op -> reads(op, program.input()))
                && !program.outputs().contains(program.input());
    }

    private static boolean inPieces(int width) {
        return width % UnfoldKernels.PIECE == 0;
    }

    private static boolean reads(Op op, int slot) {
        return switch (op) {
            case Op.Embed embed -> false;
            case Op.AddPosition position -> position.slot() == slot;
            case Op.Conv1d conv -> conv.in() == slot;
            case Op.LayerNorm norm -> norm.in() == slot;
            case Op.Linear linear -> linear.in() == slot || linear.out() == slot;
            case Op.HeadNorm norm -> norm.slot() == slot;
            case Op.Rotary rotary -> rotary.slot() == slot;
            case Op.Attention attention -> attention.in() == slot;
            case Op.ResidualAdd add -> add.in() == slot || add.slot() == slot;
            case Op.Pool pool -> pool.in() == slot;
            case Op.RowFunction function -> function.in() == slot;
        };
    }

    /**
     * The step of a convolution.
     *
     * @param width columns of its input
     * @param in how its input lies; empty if that is the program's {@link #takesFeatures features}
     * @param out how its output lies
     */
    static DeviceStep of(
            Parameters parameters,
            Op.Conv1d op,
            int width,
            Optional<HalfForms.Form> in,
            HalfForms.Form out) {
        HalfConvolution made = new HalfConvolution(parameters, op, width, out);
        return g -> {
            Region unfolded = g.newHalves(g.rows(op.out()), made.innerStride);
            if (in.isEmpty()) {
                made.unfoldPieces(g, "unfoldFloats", g.floats(op.in()), unfolded);
            } else if (inPieces(width)) {
                made.unfoldPieces(g, "unfoldPieces", g.halves(op.in(), width), unfolded);
            } else {
                made.unfold(g, in.get().stride(), unfolded);
            }
            made.product.addTo(g, op.out(), unfolded, g.halves(op.out(), out.stride()));
        };
    }

    private void unfoldPieces(GraphBuilder g, String kernel, Region in, Region unfolded) {
        Geometry.Stage before = g.stage(op.in());
        Geometry.Stage after = g.stage(op.out());
        g.run(
                UnfoldKernels.class,
                kernel,
                g.warpGrid(op.out()),
                g.geometry().array(),
                in,
                unfolded,
                after.rowsAt(),
                before.offsetsAt(),
                after.offsetsAt(),
                g.sequencesAt(op.out()),
                width,
                op.kernel(),
                op.stride(),
                op.padding());
    }

    private void unfold(GraphBuilder g, int stride, Region unfolded) {
        Geometry.Stage before = g.stage(op.in());
        Geometry.Stage after = g.stage(op.out());
        g.run(
                UnfoldKernels.class,
                "unfold",
                g.warpGrid(op.out()),
                g.geometry().array(),
                g.halves(op.in(), stride),
                unfolded,
                after.rowsAt(),
                before.offsetsAt(),
                after.offsetsAt(),
                g.sequencesAt(op.out()),
                width,
                stride,
                innerStride,
                op.kernel(),
                op.stride(),
                op.padding());
    }
}
