package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.kernels.HalfKernels;
import org.flinksigmoid.kernels.internal.tornado.tiles.RowTile;

/**
 * Binds each operation's parameters to half-precision kernels: matrix products through {@link
 * HalfLinear}, attention on tiles, the rest {@link HalfKernels}; what is float stays with {@link
 * FloatSteps}. Goes through the program in order, because a slot's form changes as it is written.
 */
final class HalfSteps {
    private final Program program;
    private final Parameters parameters;
    private final FloatSteps floatSteps;
    private final HalfForms forms;
    private final HalfForms.Form[] current;
    private final List<DeviceStep> steps = new ArrayList<>();
    private final Map<Turns, Region> turns = new HashMap<>();

    /** What a table of angles depends on. */
    private record Turns(int stage, int headDim, double theta) {}

    private HalfSteps(Program program, Parameters parameters) {
        this.program = program;
        this.parameters = parameters;
        this.floatSteps = new FloatSteps(program, parameters, false);
        this.forms = new HalfForms(program);
        this.current = new HalfForms.Form[program.slots().size()];
    }

    /** The steps of a program that {@link HalfForms#problem} finds nothing wrong with. */
    static List<DeviceStep> of(Program program, Parameters parameters) {
        HalfSteps made = new HalfSteps(program, parameters);
        if (!program.tokens()
                && !made.forms.floats(program.input())
                && !HalfConvolution.takesFeatures(program)) {
            made.narrow(program.input());
        }
        int next = 0;
        while (next < program.ops().size()) {
            next = made.add(next, program.ops().get(next));
        }
        for (int output : program.outputs()) {
            if (!made.forms.floats(output)) {
                made.widen(output);
            }
        }
        return made.steps;
    }

    /** Adds the steps of the operation at {@code index}; returns which one is next. */
    private int add(int index, Op op) {
        switch (op) {
            case Op.Embed embed when !forms.floats(embed.out()) -> embed(embed);
            case Op.AddPosition position when !forms.floats(position.slot()) ->
                    addPosition(position);
            case Op.Conv1d conv -> conv1d(conv);
            case Op.LayerNorm norm when !forms.floats(norm.in()) -> layerNorm(norm);
            case Op.Linear linear when !forms.floats(linear.in()) -> linear(index, linear);
            case Op.HeadNorm norm -> {
                return heads(HeadRun.at(program.ops(), index));
            }
            case Op.Rotary rotary -> {
                return heads(HeadRun.at(program.ops(), index));
            }
            case Op.Attention attention -> attention(attention);
            case Op.ResidualAdd add when !forms.floats(add.slot()) -> residualAdd(add);
            case Op.Pool pool -> pool(pool);
            default -> steps.add(floatSteps.of(op));
        }
        return index + 1;
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
                        g.run(
                                HalfKernels.class,
                                "narrow",
                                g.warpGrid(slot),
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
                        g.run(
                                HalfKernels.class,
                                "widen",
                                g.warpGrid(slot),
                                g.geometry().array(),
                                g.halves(slot, form.stride()),
                                g.floats(slot),
                                g.rowsAt(slot),
                                form.width(),
                                form.stride()));
    }

    private void embed(Op.Embed op) {
        HalfForms.Form form = writes(op.out());
        Region table = parameters.floats(op.table());
        steps.add(
                g -> {
                    g.run(
                            HalfKernels.class,
                            "embed",
                            g.warpGrid(op.out()),
                            g.geometry().array(),
                            table,
                            g.halves(op.out(), form.stride()),
                            g.rowsAt(op.out()),
                            Geometry.IDS_AT,
                            form.width(),
                            form.stride());
                });
    }

    private void addPosition(Op.AddPosition op) {
        HalfForms.Form form = current[op.slot()];
        Region table = parameters.floats(op.table());
        steps.add(
                g -> {
                    Geometry.Stage stage = g.stage(op.slot());
                    g.run(
                            HalfKernels.class,
                            "addPosition",
                            g.warpGrid(op.slot()),
                            g.geometry().array(),
                            table,
                            g.halves(op.slot(), form.stride()),
                            stage.rowsAt(),
                            stage.offsetsAt(),
                            g.sequencesAt(op.slot()),
                            form.width(),
                            form.stride());
                });
    }

    private void conv1d(Op.Conv1d op) {
        HalfForms.Form in = current[op.in()];
        HalfForms.Form out = writes(op.out());
        int width = program.slot(op.in()).width();
        steps.add(HalfConvolution.of(parameters, op, width, Optional.ofNullable(in), out));
    }

    private void layerNorm(Op.LayerNorm op) {
        HalfForms.Form in = current[op.in()];
        HalfForms.Form out = writes(op.out());
        Region gain = parameters.floats(op.gain());
        Region bias = parameters.vector(op.bias(), in.width(), 0f);
        String kernel = RowTile.holds(in.width()) ? "layerNormInRegisters" : "layerNorm";
        steps.add(
                g -> {
                    g.run(
                            HalfKernels.class,
                            kernel,
                            g.warpGrid(op.out()),
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
        HalfLinear product = HalfLinear.of(parameters, op, in, out, floats);
        steps.add(
                g ->
                        product.addTo(
                                g,
                                op.out(),
                                g.halves(op.in(), in.stride()),
                                floats ? g.floats(op.out()) : g.halves(op.out(), out.stride())));
    }

    private int heads(HeadRun run) {
        if (run.alike()) {
            heads(run, run.parts());
        } else {
            run.parts().forEach(part -> heads(run, List.of(part)));
        }
        return run.end();
    }

    /** One kernel for parts that are done alike. */
    private void heads(HeadRun run, List<HeadRun.Part> parts) {
        HalfForms.Form form = current[run.slot()];
        HeadRun.Part first = parts.getFirst();
        Region gains =
                first.norm().isPresent() ? parameters.floats(gains(parts)) : parameters.none();
        Region turns =
                first.theta().isPresent()
                        ? turns(run, first.theta().getAsDouble())
                        : parameters.none();
        int step = form.at(parts.getLast().column()) - form.at(first.column());
        steps.add(
                g -> {
                    g.run(
                            HalfKernels.class,
                            "heads",
                            g.headGrid(run.slot(), run.heads()),
                            g.geometry().array(),
                            g.halves(run.slot(), form.stride()),
                            gains,
                            turns,
                            g.rowsAt(run.slot()),
                            g.stage(run.slot()).offsetsAt(),
                            first.theta().isPresent() ? g.sequencesAt(run.slot()) : 0,
                            form.stride(),
                            form.at(first.column()),
                            step,
                            parts.size(),
                            run.heads(),
                            run.headDim(),
                            headWidth(form, run.headDim()),
                            first.norm().isPresent() ? 1 : 0,
                            first.theta().isPresent() ? 1 : 0,
                            first.norm().map(Op.HeadNorm::eps).orElse(0f));
                });
    }

    private static float[] gains(List<HeadRun.Part> parts) {
        int headDim = parts.getFirst().norm().orElseThrow().headDim();
        float[] gains = new float[parts.size() * headDim];
        for (int i = 0; i < parts.size(); i++) {
            float[] gain = parts.get(i).norm().orElseThrow().gain().toFloats();
            System.arraycopy(gain, 0, gains, i * headDim, headDim);
        }
        return gains;
    }

    /** The table of angles, which layers share. */
    private Region turns(HeadRun run, double theta) {
        Op.Rotary rotary = new Op.Rotary(run.slot(), 0, run.heads(), run.headDim(), theta);
        return turns.computeIfAbsent(
                new Turns(program.slot(run.slot()).stage(), run.headDim(), theta),
                key -> parameters.floats(Pack.turns(program, rotary)));
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
                        in.at(op.queryColumn()),
                        in.at(op.keyColumn()),
                        in.at(op.valueColumn()),
                        0);
        int stage = program.slot(op.in()).stage();
        Region columns = parameters.ints(layout.places());
        Region slopes = parameters.floats(Pack.slopes(spec.heads()));
        steps.add(
                g -> {
                    g.attend(
                            spec,
                            layout,
                            stage,
                            columns,
                            slopes,
                            g.halves(op.in(), in.stride()),
                            g.halves(op.out(), out.stride()));
                });
    }

    private void residualAdd(Op.ResidualAdd op) {
        HalfForms.Form in = current[op.in()];
        HalfForms.Form form = current[op.slot()];
        Region scale = parameters.vector(op.scale(), form.width(), 1f);
        steps.add(
                g -> {
                    g.run(
                            HalfKernels.class,
                            "residualAdd",
                            g.warpGrid(op.slot()),
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
                        g.run(
                                HalfKernels.class,
                                "pool",
                                new Grid(
                                        g.rows(op.out()),
                                        Math.ceilDiv(in.width(), 32),
                                        32 * HalfKernels.POOL_WARPS),
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
