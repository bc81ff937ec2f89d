package org.flinksigmoid.kernels.internal.vector;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.internal.interpret.Workspace;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** Packs each operation of a program for the vector kernels. */
final class VectorSteps {
    /**
     * Weights of a model of so many bytes are taken to be in a cache of the processor from one run
     * to the next. To fetch them would cost more than it saves, as it does of floats where products
     * take two cycles (CPU-NOTES.md).
     */
    private static final long CACHED_BYTES = 16 << 20;

    private final Program program;
    private final WorkerPool pool;
    private final WeightFormat format;
    private final StepScratch scratch;
    private final boolean fetches;
    private final Map<Angles, RotaryTable> tables = new HashMap<>();

    private VectorSteps(Program program, WorkerPool pool, WeightFormat format) {
        this.program = program;
        this.pool = pool;
        this.format = format;
        this.scratch = new StepScratch(pool.threads());
        boolean inTime = Lanes.HALVED && format == WeightFormat.FLOAT;
        this.fetches = !inTime && weights(program) * format.bytes() > CACHED_BYTES;
    }

    private record Angles(int stage, int headDim, double theta) {}

    static List<Step> of(Program program, WorkerPool pool, WeightFormat format) {
        VectorSteps packer = new VectorSteps(program, pool, format);
        List<Step> steps = new ArrayList<>();
        for (Op op : program.ops()) {
            steps.add(packer.step(op));
        }
        return steps;
    }

    /** Elements of all layers and convolutions. */
    private static long weights(Program program) {
        return program.ops().stream()
                .mapToLong(
                        op ->
                                switch (op) {
                                    case Op.Linear linear -> linear.weight().shape().elements();
                                    case Op.Conv1d conv -> conv.weight().shape().elements();
                                    default -> 0;
                                })
                .sum();
    }

    private Step step(Op op) {
        return switch (op) {
            case Op.Embed embed -> new RowSteps.Embed(embed, pool, format);
            case Op.AddPosition position -> new RowSteps.AddPosition(position, pool);
            case Op.Conv1d conv -> new ConvolutionStep(conv, pool, format, fetches, scratch);
            case Op.LayerNorm norm -> new NormSteps.Rows(norm, pool);
            case Op.Linear linear -> new LinearStep(linear, pool, format, fetches, scratch);
            case Op.HeadNorm norm -> new NormSteps.Heads(norm, pool);
            case Op.Rotary rotary -> new RotaryStep(rotary, pool, table(rotary));
            case Op.Attention attention -> new AttentionStep(attention, pool);
            case Op.ResidualAdd add -> new LaneSteps.ResidualAdd(add, pool);
            case Op.Pool op1 -> new RowSteps.Pool(op1, program.slot(op1.in()).width(), pool);
            case Op.RowFunction function -> new LaneSteps.RowFunction(function, pool);
        };
    }

    private RotaryTable table(Op.Rotary op) {
        int stage = program.slot(op.slot()).stage();
        return tables.computeIfAbsent(
                new Angles(stage, op.headDim(), op.theta()),
                key -> new RotaryTable(key.headDim(), key.theta()));
    }

    /** {@link Op.Attention} over the columns of a slot. */
    private static final class AttentionStep implements Step {
        private final Op.Attention op;
        private final FusedAttention attention;
        private final HeadRows queries = new HeadRows(true);
        private final HeadRows keys = new HeadRows(true);
        private final HeadRows values = new HeadRows(true);
        private final HeadRows results = new HeadRows(true);

        AttentionStep(Op.Attention op, WorkerPool pool) {
            this.op = op;
            this.attention = new FusedAttention(op.spec(), pool);
        }

        @Override
        public void run(Workspace workspace) {
            float[] in = workspace.slot(op.in());
            int width = workspace.width(op.in());
            RaggedBatch batch = workspace.sequences(op.in());
            attention.run(
                    batch,
                    batch,
                    queries.bind(in, width, op.queryColumn()),
                    keys.bind(in, width, op.keyColumn()),
                    values.bind(in, width, op.valueColumn()),
                    results.bind(workspace.slot(op.out()), workspace.width(op.out()), 0));
        }
    }
}
