package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.ArrayList;
import java.util.List;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.kernels.HalfKernels;
import org.flinksigmoid.kernels.tensor.Tensor;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Binds each operation's parameters to half-precision kernels: matrix products through {@link
 * HalfLinear}, attention on tiles, the rest {@link HalfKernels}; what is float stays with {@link
 * FloatSteps}. Goes through the program in order, because a slot's form changes as it is written.
 */
final class HalfSteps {
    private final Program program;
    private final HalfForms forms;
    private final HalfForms.Form[] current;
    private final List<DeviceStep> steps = new ArrayList<>();

    private HalfSteps(Program program) {
        this.program = program;
        this.forms = new HalfForms(program);
        this.current = new HalfForms.Form[program.slots().size()];
    }

    /** The steps of a program that {@link HalfForms#problem} finds nothing wrong with. */
    static List<DeviceStep> of(Program program) {
        HalfSteps made = new HalfSteps(program);
        if (!program.tokens() && !made.forms.floats(program.input())) {
            made.narrow(program.input());
        }
        for (int i = 0; i < program.ops().size(); i++) {
            made.add(i, program.ops().get(i));
        }
        for (int output : program.outputs()) {
            if (!made.forms.floats(output)) {
                made.widen(output);
            }
        }
        return made.steps;
    }

    private void add(int index, Op op) {
        switch (op) {
            case Op.Embed embed when !forms.floats(embed.out()) -> embed(embed);
            case Op.AddPosition position when !forms.floats(position.slot()) ->
                    addPosition(position);
            case Op.Conv1d conv -> conv1d(conv);
            case Op.LayerNorm norm when !forms.floats(norm.in()) -> layerNorm(norm);
            case Op.Linear linear when !forms.floats(linear.in()) -> linear(index, linear);
            case Op.HeadNorm norm -> headNorm(norm);
            case Op.Rotary rotary -> rotary(rotary);
            case Op.Attention attention -> attention(attention);
            case Op.ResidualAdd add when !forms.floats(add.slot()) -> residualAdd(add);
            case Op.Pool pool -> pool(pool);
            default -> steps.add(FloatSteps.of(program, op));
        }
    }

    /** A slot about to be written one column after the other. */
    private HalfForms.Form writes(int slot) {
        current[slot] = forms.plain(slot);
        return current[slot];
    }

    private void narrow(int slot) {
        HalfForms.Form form = writes(slot);
        steps.add(
                g ->
                        g.graph()
                                .task(
                                        g.task("narrow", slot, g.warpGrid(slot)),
                                        HalfKernels::narrow,
                                        g.context(),
                                        g.geometry().array(),
                                        g.floats(slot),
                                        g.halves(slot, form.stride()),
                                        g.rowsAt(slot),
                                        form.width(),
                                        form.stride()));
    }

    private void widen(int slot) {
        HalfForms.Form form = current[slot];
        steps.add(
                g ->
                        g.graph()
                                .task(
                                        g.task("widen", slot, g.warpGrid(slot)),
                                        HalfKernels::widen,
                                        g.context(),
                                        g.geometry().array(),
                                        g.halves(slot, form.stride()),
                                        g.floats(slot),
                                        g.rowsAt(slot),
                                        form.width(),
                                        form.stride()));
    }

    private void embed(Op.Embed op) {
        HalfForms.Form form = writes(op.out());
        FloatArray table = Pack.floats(op.table());
        steps.add(
                g -> {
                    g.resident(table);
                    g.graph()
                            .task(
                                    g.task("embed", op.out(), g.warpGrid(op.out())),
                                    HalfKernels::embed,
                                    g.context(),
                                    g.geometry().array(),
                                    table,
                                    g.halves(op.out(), form.stride()),
                                    g.rowsAt(op.out()),
                                    g.geometry().idsAt(),
                                    form.width(),
                                    form.stride());
                });
    }

    private void addPosition(Op.AddPosition op) {
        HalfForms.Form form = current[op.slot()];
        FloatArray table = Pack.floats(op.table());
        steps.add(
                g -> {
                    g.resident(table);
                    Geometry.Stage stage = g.stage(op.slot());
                    g.graph()
                            .task(
                                    g.task("addPosition", op.slot(), g.warpGrid(op.slot())),
                                    HalfKernels::addPosition,
                                    g.context(),
                                    g.geometry().array(),
                                    table,
                                    g.halves(op.slot(), form.stride()),
                                    stage.rowsAt(),
                                    stage.offsetsAt(),
                                    stage.sequencesAt(),
                                    form.width(),
                                    form.stride());
                });
    }

    private void conv1d(Op.Conv1d op) {
        HalfForms.Form in = current[op.in()];
        HalfForms.Form out = writes(op.out());
        int taps = op.kernel();
        float[] weight = Pack.tapsFirst(op.weight().toFloats(), out.width(), in.width(), taps);
        int inner = taps * in.width();
        int innerStride = Math.ceilDiv(inner, 8) * 8;
        HalfLinear product =
                HalfLinear.of(
                        weight,
                        inner,
                        innerStride,
                        op.bias().map(Tensor::toFloats).orElse(new float[out.width()]),
                        out.width(),
                        out.stride(),
                        op.activation());
        steps.add(
                g -> {
                    Geometry.Stage before = g.stage(op.in());
                    Geometry.Stage after = g.stage(op.out());
                    var unfolded = GraphBuilder.newHalves(g.rows(op.out()), innerStride);
                    g.graph()
                            .task(
                                    g.task("unfold", op.out(), g.warpGrid(op.out())),
                                    HalfKernels::unfold,
                                    g.context(),
                                    g.geometry().array(),
                                    g.halves(op.in(), in.stride()),
                                    unfolded,
                                    after.rowsAt(),
                                    before.offsetsAt(),
                                    after.offsetsAt(),
                                    after.sequencesAt(),
                                    in.width(),
                                    in.stride(),
                                    innerStride,
                                    taps,
                                    op.stride(),
                                    op.padding());
                    product.addTo(g, op.out(), unfolded, g.halves(op.out(), out.stride()));
                });
    }

    private void layerNorm(Op.LayerNorm op) {
        HalfForms.Form in = current[op.in()];
        HalfForms.Form out = writes(op.out());
        FloatArray gain = Pack.floats(op.gain());
        FloatArray bias = Pack.vector(op.bias(), in.width(), 0f);
        steps.add(
                g -> {
                    g.resident(gain, bias);
                    g.graph()
                            .task(
                                    g.task("layerNorm", op.out(), g.warpGrid(op.out())),
                                    HalfKernels::layerNorm,
                                    g.context(),
                                    g.geometry().array(),
                                    g.halves(op.in(), in.stride()),
                                    g.halves(op.out(), out.stride()),
                                    gain,
                                    bias,
                                    g.rowsAt(op.out()),
                                    in.width(),
                                    in.stride(),
                                    out.stride(),
                                    op.eps());
                });
    }

    private void linear(int index, Op.Linear op) {
        HalfForms.Form in = current[op.in()];
        boolean floats = forms.floats(op.out());
        HalfForms.Form out =
                op.residual().isPresent() ? current[op.out()] : forms.written(index, op.out());
        current[op.out()] = out;
        HalfLinear product = HalfLinear.of(op, in, out, floats);
        steps.add(
                g ->
                        product.addTo(
                                g,
                                op.out(),
                                g.halves(op.in(), in.stride()),
                                floats ? g.floats(op.out()) : g.halves(op.out(), out.stride())));
    }

    private void headNorm(Op.HeadNorm op) {
        HalfForms.Form form = current[op.slot()];
        FloatArray gain = Pack.floats(op.gain());
        steps.add(
                g -> {
                    g.resident(gain);
                    g.graph()
                            .task(
                                    g.task(
                                            "headNorm",
                                            op.slot(),
                                            g.headGrid(op.slot(), op.heads())),
                                    HalfKernels::headNorm,
                                    g.context(),
                                    g.geometry().array(),
                                    g.halves(op.slot(), form.stride()),
                                    gain,
                                    g.rowsAt(op.slot()),
                                    form.stride(),
                                    form.at(op.column()),
                                    op.heads(),
                                    op.headDim(),
                                    headWidth(form, op.headDim()),
                                    op.eps());
                });
    }

    private void rotary(Op.Rotary op) {
        HalfForms.Form form = current[op.slot()];
        FloatArray turns = Pack.turns(program, op);
        steps.add(
                g -> {
                    g.resident(turns);
                    Geometry.Stage stage = g.stage(op.slot());
                    g.graph()
                            .task(
                                    g.task("rotary", op.slot(), g.headGrid(op.slot(), op.heads())),
                                    HalfKernels::rotary,
                                    g.context(),
                                    g.geometry().array(),
                                    g.halves(op.slot(), form.stride()),
                                    turns,
                                    stage.rowsAt(),
                                    stage.offsetsAt(),
                                    stage.sequencesAt(),
                                    form.stride(),
                                    form.at(op.column()),
                                    op.heads(),
                                    op.headDim(),
                                    headWidth(form, op.headDim()));
                });
    }

    private static int headWidth(HalfForms.Form form, int headDim) {
        return form.headDim() == headDim ? form.headWidth() : headDim;
    }

    private void attention(Op.Attention op) {
        SigmoidAttention spec = (SigmoidAttention) op.spec();
        HalfForms.Form in = current[op.in()];
        HalfForms.Form out = forms.heads(spec, op.out());
        current[op.out()] = out;
        TileAttentionTask.Layout layout =
                new TileAttentionTask.Layout(
                        in.headWidth(),
                        false,
                        in.stride(),
                        out.stride(),
                        HalfKernels.LEAD + in.at(op.queryColumn()),
                        HalfKernels.LEAD + in.at(op.keyColumn()),
                        HalfKernels.LEAD + in.at(op.valueColumn()),
                        HalfKernels.LEAD);
        int stage = program.slot(op.in()).stage();
        steps.add(
                g -> {
                    TileAttentionTask tiles = g.tiles(spec, layout, stage);
                    g.attend(
                            tiles,
                            g.task("attention", op.out(), tiles.grid()),
                            g.halves(op.in(), in.stride()),
                            g.halves(op.out(), out.stride()));
                });
    }

    private void residualAdd(Op.ResidualAdd op) {
        HalfForms.Form in = current[op.in()];
        HalfForms.Form form = current[op.slot()];
        FloatArray scale = Pack.vector(op.scale(), form.width(), 1f);
        steps.add(
                g -> {
                    g.resident(scale);
                    g.graph()
                            .task(
                                    g.task("residualAdd", op.slot(), g.warpGrid(op.slot())),
                                    HalfKernels::residualAdd,
                                    g.context(),
                                    g.geometry().array(),
                                    g.halves(op.in(), in.stride()),
                                    g.halves(op.slot(), form.stride()),
                                    scale,
                                    g.rowsAt(op.slot()),
                                    form.width(),
                                    in.stride(),
                                    form.stride());
                });
    }

    private void pool(Op.Pool op) {
        HalfForms.Form in = current[op.in()];
        steps.add(
                g ->
                        g.graph()
                                .task(
                                        g.task("pool", op.out(), g.groupGrid(op.out())),
                                        HalfKernels::pool,
                                        g.context(),
                                        g.geometry().array(),
                                        g.halves(op.in(), in.stride()),
                                        g.floats(op.out()),
                                        Geometry.SEQUENCES_AT,
                                        g.stage(op.in()).offsetsAt(),
                                        in.width(),
                                        in.stride(),
                                        FloatSteps.kind(op.kind())));
    }
}
