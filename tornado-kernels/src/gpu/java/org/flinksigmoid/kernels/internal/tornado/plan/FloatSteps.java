package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.kernels.HeadKernels;
import org.flinksigmoid.kernels.internal.tornado.kernels.LinearKernel;
import org.flinksigmoid.kernels.internal.tornado.kernels.Pointwise;
import org.flinksigmoid.kernels.internal.tornado.kernels.RowKernels;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Binds each operation's parameters to the float kernels. */
final class FloatSteps {
    private FloatSteps() {}

    static List<DeviceStep> of(Program program) {
        List<DeviceStep> steps = new ArrayList<>();
        for (Op op : program.ops()) {
            steps.add(of(program, op));
        }
        return steps;
    }

    /** One operation, on slots of floats. */
    static DeviceStep of(Program program, Op op) {
        return switch (op) {
            case Op.Embed embed -> embed(embed);
            case Op.AddPosition position -> addPosition(position);
            case Op.Conv1d conv -> conv1d(program, conv);
            case Op.LayerNorm norm -> layerNorm(program, norm);
            case Op.Linear linear -> linear(program, linear);
            case Op.HeadNorm norm -> headNorm(norm);
            case Op.Rotary rotary -> rotary(program, rotary);
            case Op.Attention attention -> attention(attention);
            case Op.ResidualAdd add -> residualAdd(program, add);
            case Op.Pool pool -> pool(pool);
            case Op.RowFunction function -> rowFunction(function);
        };
    }

    private static DeviceStep embed(Op.Embed op) {
        FloatArray table = Pack.floats(op.table());
        return g -> {
            g.resident(table);
            g.graph()
                    .task(
                            g.task("embed", op.out(), g.warpGrid(op.out())),
                            RowKernels::embed,
                            g.context(),
                            g.geometry().array(),
                            table,
                            g.floats(op.out()),
                            g.rowsAt(op.out()),
                            g.geometry().idsAt(),
                            g.width(op.out()));
        };
    }

    private static DeviceStep addPosition(Op.AddPosition op) {
        FloatArray table = Pack.floats(op.table());
        return g -> {
            g.resident(table);
            Geometry.Stage stage = g.stage(op.slot());
            g.graph()
                    .task(
                            g.task("addPosition", op.slot(), g.warpGrid(op.slot())),
                            RowKernels::addPosition,
                            g.context(),
                            g.geometry().array(),
                            table,
                            g.floats(op.slot()),
                            stage.rowsAt(),
                            stage.offsetsAt(),
                            stage.sequencesAt(),
                            g.width(op.slot()));
        };
    }

    private static DeviceStep conv1d(Program program, Op.Conv1d op) {
        int in = program.slot(op.in()).width();
        int out = program.slot(op.out()).width();
        int taps = op.kernel();
        float[] weight = Pack.tapsFirst(op.weight().toFloats(), out, in, taps);
        FloatArray packed = Pack.transposed(weight, out, taps * in);
        FloatArray bias = Pack.vector(op.bias(), out, 0f);
        return g -> {
            g.resident(packed, bias, Pack.NONE);
            Geometry.Stage before = g.stage(op.in());
            Geometry.Stage after = g.stage(op.out());
            FloatArray unfolded = new FloatArray(Math.multiplyExact(g.rows(op.out()), taps * in));
            g.graph()
                    .task(
                            g.task("unfold", op.out(), g.warpGrid(op.out())),
                            RowKernels::unfold,
                            g.context(),
                            g.geometry().array(),
                            g.floats(op.in()),
                            unfolded,
                            after.rowsAt(),
                            before.offsetsAt(),
                            after.offsetsAt(),
                            after.sequencesAt(),
                            in,
                            taps,
                            op.stride(),
                            op.padding());
            int options = LinearKernel.BIAS | Pointwise.kind(op.activation());
            g.graph()
                    .task(
                            g.task("conv1d", op.out(), g.linearGrid(op.out())),
                            LinearKernel::linear,
                            g.context(),
                            g.geometry().array(),
                            unfolded,
                            packed,
                            bias,
                            Pack.NONE,
                            Pack.NONE,
                            g.floats(op.out()),
                            after.rowsAt(),
                            taps * in,
                            out,
                            options);
        };
    }

    private static DeviceStep layerNorm(Program program, Op.LayerNorm op) {
        FloatArray gain = Pack.floats(op.gain());
        FloatArray bias = Pack.vector(op.bias(), program.slot(op.in()).width(), 0f);
        return g -> {
            g.resident(gain, bias);
            g.graph()
                    .task(
                            g.task("layerNorm", op.out(), g.warpGrid(op.out())),
                            RowKernels::layerNorm,
                            g.context(),
                            g.geometry().array(),
                            g.floats(op.in()),
                            g.floats(op.out()),
                            gain,
                            bias,
                            g.rowsAt(op.out()),
                            g.width(op.out()),
                            op.eps());
        };
    }

    private static DeviceStep linear(Program program, Op.Linear op) {
        int in = program.slot(op.in()).width();
        int out = program.slot(op.out()).width();
        FloatArray packed = Pack.transposed(op.weight().toFloats(), out, in);
        FloatArray bias = Pack.orNone(op.bias());
        FloatArray scale = Pack.orNone(op.scale());
        boolean inPlace = op.residual().equals(OptionalInt.of(op.out()));
        int options =
                Pointwise.kind(op.activation())
                        | (op.bias().isPresent() ? LinearKernel.BIAS : 0)
                        | (op.scale().isPresent() ? LinearKernel.SCALE : 0)
                        | (inPlace ? LinearKernel.ACCUMULATE : 0)
                        | (op.residual().isPresent() && !inPlace ? LinearKernel.RESIDUAL : 0);
        return g -> {
            g.resident(packed, bias, scale, Pack.NONE);
            FloatArray residual =
                    op.residual().isPresent() && !inPlace
                            ? g.floats(op.residual().getAsInt())
                            : Pack.NONE;
            g.graph()
                    .task(
                            g.task("linear", op.out(), g.linearGrid(op.out())),
                            LinearKernel::linear,
                            g.context(),
                            g.geometry().array(),
                            g.floats(op.in()),
                            packed,
                            bias,
                            scale,
                            residual,
                            g.floats(op.out()),
                            g.rowsAt(op.out()),
                            in,
                            out,
                            options);
        };
    }

    private static DeviceStep headNorm(Op.HeadNorm op) {
        FloatArray gain = Pack.floats(op.gain());
        return g -> {
            g.resident(gain);
            g.graph()
                    .task(
                            g.task("headNorm", op.slot(), g.headGrid(op.slot(), op.heads())),
                            HeadKernels::headNorm,
                            g.context(),
                            g.geometry().array(),
                            g.floats(op.slot()),
                            gain,
                            g.rowsAt(op.slot()),
                            g.width(op.slot()),
                            op.column(),
                            op.heads(),
                            op.headDim(),
                            op.eps());
        };
    }

    private static DeviceStep rotary(Program program, Op.Rotary op) {
        FloatArray turns = Pack.turns(program, op);
        return g -> {
            g.resident(turns);
            Geometry.Stage at = g.stage(op.slot());
            g.graph()
                    .task(
                            g.task("rotary", op.slot(), g.headGrid(op.slot(), op.heads())),
                            HeadKernels::rotary,
                            g.context(),
                            g.geometry().array(),
                            g.floats(op.slot()),
                            turns,
                            at.rowsAt(),
                            at.offsetsAt(),
                            at.sequencesAt(),
                            g.width(op.slot()),
                            op.column(),
                            op.heads(),
                            op.headDim());
        };
    }

    private static DeviceStep attention(Op.Attention op) {
        FloatAttention attention =
                new FloatAttention(op.spec(), op.queryColumn(), op.keyColumn(), op.valueColumn());
        return g -> {
            FloatArray in = g.floats(op.in());
            attention.addTo(
                    g.tasks(),
                    g.description(op.out()).name(),
                    g.geometry(),
                    g.stage(op.in()),
                    in,
                    in,
                    in,
                    g.floats(op.out()),
                    g.width(op.in()));
        };
    }

    private static DeviceStep residualAdd(Program program, Op.ResidualAdd op) {
        FloatArray scale = Pack.vector(op.scale(), program.slot(op.slot()).width(), 1f);
        return g -> {
            g.resident(scale);
            g.graph()
                    .task(
                            g.task("residualAdd", op.slot(), g.warpGrid(op.slot())),
                            RowKernels::residualAdd,
                            g.context(),
                            g.geometry().array(),
                            g.floats(op.in()),
                            g.floats(op.slot()),
                            scale,
                            g.rowsAt(op.slot()),
                            g.width(op.slot()));
        };
    }

    private static DeviceStep pool(Op.Pool op) {
        return g ->
                g.graph()
                        .task(
                                g.task("pool", op.out(), g.groupGrid(op.out())),
                                RowKernels::pool,
                                g.context(),
                                g.geometry().array(),
                                g.floats(op.in()),
                                g.floats(op.out()),
                                Geometry.SEQUENCES_AT,
                                g.stage(op.in()).offsetsAt(),
                                g.width(op.out()),
                                kind(op.kind()));
    }

    static int kind(Op.Pooling kind) {
        return switch (kind) {
            case MEAN -> RowKernels.MEAN;
            case FIRST -> RowKernels.FIRST;
            case MAX -> RowKernels.MAX;
        };
    }

    private static int kind(Op.RowKind kind) {
        return switch (kind) {
            case LOG_SOFTMAX -> RowKernels.LOG_SOFTMAX;
            case SOFTMAX -> RowKernels.SOFTMAX;
            case SIGMOID -> RowKernels.SIGMOID;
            case L2_NORMALIZE -> RowKernels.L2_NORMALIZE;
        };
    }

    private static DeviceStep rowFunction(Op.RowFunction op) {
        int kind = kind(op.kind());
        return g ->
                g.graph()
                        .task(
                                g.task("rowFunction", op.out(), g.warpGrid(op.out())),
                                RowKernels::rowFunction,
                                g.context(),
                                g.geometry().array(),
                                g.floats(op.in()),
                                g.floats(op.out()),
                                g.rowsAt(op.out()),
                                g.width(op.out()),
                                kind);
    }
}
