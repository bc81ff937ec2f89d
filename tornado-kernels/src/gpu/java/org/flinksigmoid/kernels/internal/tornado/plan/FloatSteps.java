package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.List;
import java.util.OptionalInt;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.kernels.HeadKernels;
import org.flinksigmoid.kernels.internal.tornado.kernels.LinearKernel;
import org.flinksigmoid.kernels.internal.tornado.kernels.Pointwise;
import org.flinksigmoid.kernels.internal.tornado.kernels.RowKernels;
import org.flinksigmoid.kernels.tensor.Tensor;

/** Binds each operation's parameters to the float kernels, or its products to the library. */
final class FloatSteps {
    private final Program program;
    private final Parameters parameters;
    private final boolean library;

    /**
     * Steps of a program, whose parameters are collected.
     *
     * @param library whether the library multiplies matrices, where it can
     */
    FloatSteps(Program program, Parameters parameters, boolean library) {
        this.program = program;
        this.parameters = parameters;
        this.library = library;
    }

    /** All operations, on slots of floats. */
    List<DeviceStep> all() {
        return program.ops().stream().map(this::of).toList();
    }

    /** One operation, on slots of floats. */
    DeviceStep of(Op op) {
        return switch (op) {
            case Op.Embed embed -> embed(embed);
            case Op.AddPosition position -> addPosition(position);
            case Op.Conv1d conv -> conv1d(conv);
            case Op.LayerNorm norm -> layerNorm(norm);
            case Op.Linear linear -> linear(linear);
            case Op.HeadNorm norm -> headNorm(norm);
            case Op.Rotary rotary -> rotary(rotary);
            case Op.Attention attention -> attention(attention);
            case Op.ResidualAdd add -> residualAdd(add);
            case Op.Pool pool -> pool(pool);
            case Op.RowFunction function -> rowFunction(function);
        };
    }

    private DeviceStep embed(Op.Embed op) {
        Region table = parameters.floats(op.table());
        return g -> {
            g.run(
                    RowKernels.class,
                    "embed",
                    g.warpGrid(op.out()),
                    g.geometry().array(),
                    table,
                    g.floats(op.out()),
                    g.rowsAt(op.out()),
                    Geometry.IDS_AT,
                    g.width(op.out()));
        };
    }

    private DeviceStep addPosition(Op.AddPosition op) {
        Region table = parameters.floats(op.table());
        return g -> {
            int sequencesAt = g.sequencesAt(op.slot());
            Geometry.Stage stage = g.stage(op.slot());
            g.run(
                    RowKernels.class,
                    "addPosition",
                    g.warpGrid(op.slot()),
                    g.geometry().array(),
                    table,
                    g.floats(op.slot()),
                    stage.rowsAt(),
                    stage.offsetsAt(),
                    sequencesAt,
                    g.width(op.slot()));
        };
    }

    private DeviceStep conv1d(Op.Conv1d op) {
        int in = program.slot(op.in()).width();
        int out = program.slot(op.out()).width();
        int taps = op.kernel();
        float[] weight = Pack.tapsFirst(op.weight().toFloats(), out, in, taps);
        Product product = product(op, weight);
        return g -> {
            Geometry.Stage before = g.stage(op.in());
            int sequencesAt = g.sequencesAt(op.out());
            Geometry.Stage after = g.stage(op.out());
            Region unfolded =
                    g.recording().array(Region.Type.FLOATS, (long) g.rows(op.out()) * taps * in);
            g.run(
                    RowKernels.class,
                    "unfold",
                    g.warpGrid(op.out()),
                    g.geometry().array(),
                    g.floats(op.in()),
                    unfolded,
                    after.rowsAt(),
                    before.offsetsAt(),
                    after.offsetsAt(),
                    sequencesAt,
                    in,
                    taps,
                    op.stride(),
                    op.padding());
            product.addTo(g, unfolded);
        };
    }

    /** Adds the product of a convolution's unfolded input. */
    private interface Product {
        void addTo(GraphBuilder g, Region unfolded);
    }

    private Product product(Op.Conv1d op, float[] weight) {
        int out = program.slot(op.out()).width();
        int inner = weight.length / out;
        if (library) {
            float[] bias = op.bias().map(Tensor::toFloats).orElse(new float[out]);
            FloatLinear layer = FloatLinear.of(parameters, weight, bias, op.activation());
            return (g, unfolded) -> layer.addTo(g, op.out(), unfolded, g.floats(op.out()));
        }
        Region packed = parameters.floats(Pack.transposed(weight, out, inner));
        Region none = parameters.none();
        Region bias = parameters.vector(op.bias(), out, 0f);
        int options = LinearKernel.BIAS | Pointwise.kind(op.activation());
        return (g, unfolded) ->
                g.run(
                        LinearKernel.class,
                        "linear",
                        g.linearGrid(op.out()),
                        g.geometry().array(),
                        unfolded,
                        packed,
                        bias,
                        none,
                        none,
                        g.floats(op.out()),
                        g.rowsAt(op.out()),
                        inner,
                        out,
                        options);
    }

    private DeviceStep layerNorm(Op.LayerNorm op) {
        Region gain = parameters.floats(op.gain());
        Region bias = parameters.vector(op.bias(), program.slot(op.in()).width(), 0f);
        return g -> {
            g.run(
                    RowKernels.class,
                    "layerNorm",
                    g.warpGrid(op.out()),
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

    private DeviceStep linear(Op.Linear op) {
        int in = program.slot(op.in()).width();
        int out = program.slot(op.out()).width();
        if (library && FloatLinear.does(op)) {
            FloatLinear layer = FloatLinear.of(parameters, op, in, out);
            return g -> layer.addTo(g, op.out(), g.floats(op.in()), g.floats(op.out()));
        }
        Region packed = parameters.floats(Pack.transposed(op.weight().toFloats(), out, in));
        Region bias = parameters.orNone(op.bias());
        Region none = parameters.none();
        Region scale = parameters.orNone(op.scale());
        boolean inPlace = op.residual().equals(OptionalInt.of(op.out()));
        int options =
                Pointwise.kind(op.activation())
                        | (op.bias().isPresent() ? LinearKernel.BIAS : 0)
                        | (op.scale().isPresent() ? LinearKernel.SCALE : 0)
                        | (inPlace ? LinearKernel.ACCUMULATE : 0)
                        | (op.residual().isPresent() && !inPlace ? LinearKernel.RESIDUAL : 0);
        return g -> {
            Region residual =
                    op.residual().isPresent() && !inPlace
                            ? g.floats(op.residual().getAsInt())
                            : none;
            g.run(
                    LinearKernel.class,
                    "linear",
                    g.linearGrid(op.out()),
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

    private DeviceStep headNorm(Op.HeadNorm op) {
        Region gain = parameters.floats(op.gain());
        return g -> {
            g.run(
                    HeadKernels.class,
                    "headNorm",
                    g.headGrid(op.slot(), op.heads()),
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

    private DeviceStep rotary(Op.Rotary op) {
        Region turns = parameters.floats(Pack.turns(program, op));
        return g -> {
            int sequencesAt = g.sequencesAt(op.slot());
            Geometry.Stage at = g.stage(op.slot());
            g.run(
                    HeadKernels.class,
                    "rotary",
                    g.headGrid(op.slot(), op.heads()),
                    g.geometry().array(),
                    g.floats(op.slot()),
                    turns,
                    at.rowsAt(),
                    at.offsetsAt(),
                    sequencesAt,
                    g.width(op.slot()),
                    op.column(),
                    op.heads(),
                    op.headDim());
        };
    }

    private DeviceStep attention(Op.Attention op) {
        FloatAttention attention =
                new FloatAttention(
                        parameters, op.spec(), op.queryColumn(), op.keyColumn(), op.valueColumn());
        return g -> {
            Region in = g.floats(op.in());
            attention.addTo(
                    g.recording(),
                    g.geometry(),
                    g.stage(op.in()),
                    in,
                    in,
                    in,
                    g.floats(op.out()),
                    g.width(op.in()));
        };
    }

    private DeviceStep residualAdd(Op.ResidualAdd op) {
        Region scale = parameters.vector(op.scale(), program.slot(op.slot()).width(), 1f);
        return g -> {
            g.run(
                    RowKernels.class,
                    "residualAdd",
                    g.warpGrid(op.slot()),
                    g.geometry().array(),
                    g.floats(op.in()),
                    g.floats(op.slot()),
                    scale,
                    g.rowsAt(op.slot()),
                    g.width(op.slot()));
        };
    }

    private DeviceStep pool(Op.Pool op) {
        return g ->
                g.run(
                        RowKernels.class,
                        "pool",
                        g.groupGrid(op.out()),
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

    private DeviceStep rowFunction(Op.RowFunction op) {
        int kind = kind(op.kind());
        return g ->
                g.run(
                        RowKernels.class,
                        "rowFunction",
                        g.warpGrid(op.out()),
                        g.geometry().array(),
                        g.floats(op.in()),
                        g.floats(op.out()),
                        g.rowsAt(op.out()),
                        g.width(op.out()),
                        kind);
    }
}
