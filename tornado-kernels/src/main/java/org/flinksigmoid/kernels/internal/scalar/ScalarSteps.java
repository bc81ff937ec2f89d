package org.flinksigmoid.kernels.internal.scalar;

import java.util.Optional;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.interpret.Step;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.flinksigmoid.kernels.tensor.Tensor;

/** Binds each operation's parameters to its scalar loop. */
final class ScalarSteps {
    private static final float[] ABSENT = {};

    private ScalarSteps() {}

    static Step of(Op op, WeightFormat format) {
        return switch (op) {
            case Op.Embed embed -> embed(embed, format);
            case Op.AddPosition position -> addPosition(position);
            case Op.Conv1d conv -> conv1d(conv, format);
            case Op.LayerNorm norm -> layerNorm(norm);
            case Op.Linear linear -> linear(linear, format);
            case Op.HeadNorm norm -> headNorm(norm);
            case Op.Rotary rotary -> rotary(rotary);
            case Op.Attention attention -> attention(attention);
            case Op.ResidualAdd add -> residualAdd(add);
            case Op.Pool pool -> pool(pool);
            case Op.RowFunction function -> rowFunction(function);
        };
    }

    private static float[] floats(Optional<Tensor> tensor) {
        return tensor.map(Tensor::toFloats).orElse(ABSENT);
    }

    private static Step embed(Op.Embed op, WeightFormat format) {
        float[] table = format.rounded(op.table());
        return w -> {
            int width = w.width(op.out());
            for (int r = 0; r < w.rows(op.out()); r++) {
                System.arraycopy(table, w.ids()[r] * width, w.slot(op.out()), r * width, width);
            }
        };
    }

    private static Step addPosition(Op.AddPosition op) {
        float[] table = op.table().toFloats();
        return w -> {
            RaggedBatch batch = w.sequences(op.slot());
            float[] slot = w.slot(op.slot());
            int width = w.width(op.slot());
            for (int s = 0; s < batch.size(); s++) {
                int from = batch.offset(s) * width;
                for (int i = 0; i < batch.length(s) * width; i++) {
                    slot[from + i] += table[i];
                }
            }
        };
    }

    private static Step conv1d(Op.Conv1d op, WeightFormat format) {
        float[] weight = format.rounded(op.weight());
        float[] bias = floats(op.bias());
        return w ->
                ScalarKernels.conv1d(
                        op,
                        w.sequences(op.in()),
                        w.sequences(op.out()),
                        w.slot(op.in()),
                        w.width(op.in()),
                        weight,
                        bias,
                        w.slot(op.out()),
                        w.width(op.out()));
    }

    private static Step layerNorm(Op.LayerNorm op) {
        float[] gain = op.gain().toFloats();
        float[] bias = floats(op.bias());
        return w -> {
            int width = w.width(op.in());
            for (int r = 0; r < w.rows(op.in()); r++) {
                int from = r * width;
                ScalarKernels.layerNorm(
                        w.slot(op.in()), from, w.slot(op.out()), from, width, gain, bias, op.eps());
            }
        };
    }

    private static Step linear(Op.Linear op, WeightFormat format) {
        float[] weight = format.rounded(op.weight());
        float[] bias = floats(op.bias());
        float[] scale = floats(op.scale());
        return w ->
                ScalarKernels.linear(
                        w.slot(op.in()),
                        w.rows(op.in()),
                        w.width(op.in()),
                        weight,
                        bias,
                        op.activation(),
                        scale,
                        op.residual().isPresent() ? w.slot(op.residual().getAsInt()) : ABSENT,
                        w.slot(op.out()),
                        w.width(op.out()));
    }

    private static Step headNorm(Op.HeadNorm op) {
        float[] gain = op.gain().toFloats();
        return w -> {
            float[] slot = w.slot(op.slot());
            for (int r = 0; r < w.rows(op.slot()); r++) {
                for (int head = 0; head < op.heads(); head++) {
                    int at = r * w.width(op.slot()) + op.column() + head * op.headDim();
                    ScalarKernels.layerNorm(
                            slot, at, slot, at, op.headDim(), gain, ABSENT, op.eps());
                }
            }
        };
    }

    private static Step rotary(Op.Rotary op) {
        return w -> {
            RaggedBatch batch = w.sequences(op.slot());
            float[] slot = w.slot(op.slot());
            for (int s = 0; s < batch.size(); s++) {
                for (int p = 0; p < batch.length(s); p++) {
                    int row = (batch.offset(s) + p) * w.width(op.slot());
                    for (int head = 0; head < op.heads(); head++) {
                        int from = row + op.column() + head * op.headDim();
                        ScalarKernels.rotate(slot, from, op.headDim(), p, op.theta());
                    }
                }
            }
        };
    }

    private static Step attention(Op.Attention op) {
        ScalarAttention attention = new ScalarAttention(op.spec());
        return w -> {
            RaggedBatch batch = w.sequences(op.in());
            float[] in = w.slot(op.in());
            attention.run(
                    batch,
                    batch,
                    in,
                    op.queryColumn(),
                    in,
                    op.keyColumn(),
                    in,
                    op.valueColumn(),
                    w.width(op.in()),
                    w.slot(op.out()));
        };
    }

    private static Step residualAdd(Op.ResidualAdd op) {
        float[] scale = floats(op.scale());
        return w -> {
            float[] in = w.slot(op.in());
            float[] slot = w.slot(op.slot());
            int width = w.width(op.slot());
            for (int i = 0; i < w.rows(op.slot()) * width; i++) {
                slot[i] += scale.length == 0 ? in[i] : scale[i % width] * in[i];
            }
        };
    }

    private static Step pool(Op.Pool op) {
        return w -> {
            RaggedBatch batch = w.sequences(op.in());
            for (int s = 0; s < batch.size(); s++) {
                ScalarKernels.pool(
                        op.kind(),
                        w.slot(op.in()),
                        batch.offset(s),
                        batch.length(s),
                        w.width(op.in()),
                        w.slot(op.out()),
                        s);
            }
        };
    }

    private static Step rowFunction(Op.RowFunction op) {
        return w -> {
            int width = w.width(op.in());
            for (int r = 0; r < w.rows(op.in()); r++) {
                ScalarKernels.rowFunction(
                        op.kind(), w.slot(op.in()), w.slot(op.out()), r * width, width);
            }
        };
    }
}
