package org.flinksigmoid.kernels.internal.oracle;

import java.util.Arrays;
import java.util.List;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.scalar.ScalarFunctions;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.flinksigmoid.kernels.tensor.Tensor;

/** The scalar loops once more, all in double: what every backend's error is measured against. */
public final class DoubleOracle {
    private final Program program;
    private final List<RaggedBatch> stages;
    private final double[][] slots;
    private final Input input;

    private DoubleOracle(Program program, RaggedBatch batch, Input input) {
        this.program = program;
        this.stages = program.stages(batch);
        this.input = input;
        this.slots = new double[program.slots().size()][];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new double[rows(i) * width(i)];
        }
        if (input instanceof Input.Features features) {
            for (int i = 0; i < slots[program.input()].length; i++) {
                slots[program.input()][i] = features.values()[i];
            }
        }
    }

    /** A program's outputs. */
    public static double[][] run(Program program, RaggedBatch batch, Input input) {
        DoubleOracle oracle = new DoubleOracle(program, batch, input);
        program.ops().forEach(oracle::apply);
        return program.outputs().stream().map(id -> oracle.slots[id]).toArray(double[][]::new);
    }

    private int rows(int slot) {
        return Program.rows(program.slot(slot), stages);
    }

    private int width(int slot) {
        return program.slot(slot).width();
    }

    private RaggedBatch sequences(int slot) {
        return stages.get(program.slot(slot).stage());
    }

    private void apply(Op op) {
        switch (op) {
            case Op.Embed embed -> embed(embed);
            case Op.AddPosition position -> addPosition(position);
            case Op.Conv1d conv -> conv1d(conv);
            case Op.LayerNorm norm -> {
                int width = width(norm.in());
                float[] bias = norm.bias().map(Tensor::toFloats).orElse(new float[width]);
                for (int r = 0; r < rows(norm.in()); r++) {
                    normalize(
                            slots[norm.in()],
                            slots[norm.out()],
                            r * width,
                            norm.gain().toFloats(),
                            bias,
                            norm.eps());
                }
            }
            case Op.Linear linear -> linear(linear);
            case Op.HeadNorm norm -> {
                for (int r = 0; r < rows(norm.slot()); r++) {
                    for (int head = 0; head < norm.heads(); head++) {
                        int at = r * width(norm.slot()) + norm.column() + head * norm.headDim();
                        double[] slot = slots[norm.slot()];
                        float[] none = new float[norm.headDim()];
                        normalize(slot, slot, at, norm.gain().toFloats(), none, norm.eps());
                    }
                }
            }
            case Op.Rotary rotary -> rotary(rotary);
            case Op.Attention attention -> {
                double[] in = slots[attention.in()];
                int stride = width(attention.in());
                RaggedBatch batch = sequences(attention.in());
                slots[attention.out()] =
                        attention(
                                attention.spec(),
                                batch,
                                batch,
                                columns(in, stride, attention.queryColumn(), attention.spec()),
                                columns(in, stride, attention.keyColumn(), attention.spec()),
                                columns(in, stride, attention.valueColumn(), attention.spec()));
            }
            case Op.ResidualAdd add -> {
                int width = width(add.slot());
                float[] scale = add.scale().map(Tensor::toFloats).orElse(ones(width));
                for (int i = 0; i < slots[add.slot()].length; i++) {
                    slots[add.slot()][i] += scale[i % width] * slots[add.in()][i];
                }
            }
            case Op.Pool pool -> pool(pool);
            case Op.RowFunction function -> rowFunction(function);
        }
    }

    private static float[] ones(int width) {
        float[] ones = new float[width];
        Arrays.fill(ones, 1);
        return ones;
    }

    private void embed(Op.Embed op) {
        float[] table = op.table().toFloats();
        int width = width(op.out());
        int[] ids = ((Input.TokenIds) input).ids();
        for (int i = 0; i < slots[op.out()].length; i++) {
            slots[op.out()][i] = table[ids[i / width] * width + i % width];
        }
    }

    private void addPosition(Op.AddPosition op) {
        float[] table = op.table().toFloats();
        RaggedBatch batch = sequences(op.slot());
        int width = width(op.slot());
        for (int s = 0; s < batch.size(); s++) {
            for (int i = 0; i < batch.length(s) * width; i++) {
                slots[op.slot()][batch.offset(s) * width + i] += table[i];
            }
        }
    }

    private void conv1d(Op.Conv1d op) {
        float[] weight = op.weight().toFloats();
        int outputs = width(op.out());
        int inputs = width(op.in());
        float[] bias = op.bias().map(Tensor::toFloats).orElse(new float[outputs]);
        RaggedBatch before = sequences(op.in());
        RaggedBatch after = sequences(op.out());
        for (int s = 0; s < after.size(); s++) {
            for (int t = 0; t < after.length(s); t++) {
                for (int o = 0; o < outputs; o++) {
                    double sum = bias[o];
                    for (int tap = 0; tap < op.kernel(); tap++) {
                        int row = t * op.stride() + tap - op.padding();
                        for (int i = 0; row >= 0 && row < before.length(s) && i < inputs; i++) {
                            sum +=
                                    (double) weight[(o * inputs + i) * op.kernel() + tap]
                                            * slots[op.in()][(before.offset(s) + row) * inputs + i];
                        }
                    }
                    slots[op.out()][(after.offset(s) + t) * outputs + o] =
                            ScalarFunctions.activate(op.activation(), sum);
                }
            }
        }
    }

    private static void normalize(
            double[] in, double[] out, int at, float[] gain, float[] bias, double eps) {
        double mean = 0;
        for (int i = 0; i < gain.length; i++) {
            mean += in[at + i] / gain.length;
        }
        double variance = 0;
        for (int i = 0; i < gain.length; i++) {
            variance += (in[at + i] - mean) * (in[at + i] - mean) / gain.length;
        }
        for (int i = 0; i < gain.length; i++) {
            out[at + i] = (in[at + i] - mean) / Math.sqrt(variance + eps) * gain[i] + bias[i];
        }
    }

    private void linear(Op.Linear op) {
        float[] weight = op.weight().toFloats();
        int outputs = width(op.out());
        int inputs = width(op.in());
        float[] bias = op.bias().map(Tensor::toFloats).orElse(new float[outputs]);
        float[] scale = op.scale().map(Tensor::toFloats).orElse(ones(outputs));
        for (int r = 0; r < rows(op.in()); r++) {
            for (int o = 0; o < outputs; o++) {
                double sum = bias[o];
                for (int i = 0; i < inputs; i++) {
                    sum += weight[o * inputs + i] * slots[op.in()][r * inputs + i];
                }
                int at = r * outputs + o;
                double residual =
                        op.residual().isPresent() ? slots[op.residual().getAsInt()][at] : 0;
                slots[op.out()][at] =
                        residual + scale[o] * ScalarFunctions.activate(op.activation(), sum);
            }
        }
    }

    private void rotary(Op.Rotary op) {
        RaggedBatch batch = sequences(op.slot());
        double[] slot = slots[op.slot()];
        int half = op.headDim() / 2;
        for (int s = 0; s < batch.size(); s++) {
            for (int p = 0; p < batch.length(s); p++) {
                for (int head = 0; head < op.heads(); head++) {
                    for (int j = 0; j < half; j++) {
                        int at =
                                (batch.offset(s) + p) * width(op.slot())
                                        + op.column()
                                        + head * op.headDim()
                                        + j;
                        double angle = p * Math.pow(op.theta(), -2.0 * j / op.headDim());
                        double a = slot[at];
                        double b = slot[at + half];
                        slot[at] = a * Math.cos(angle) - b * Math.sin(angle);
                        slot[at + half] = b * Math.cos(angle) + a * Math.sin(angle);
                    }
                }
            }
        }
    }

    private static double[] columns(double[] in, int stride, int column, AttentionSpec spec) {
        double[] out = new double[in.length / stride * spec.width()];
        for (int i = 0; i < out.length; i++) {
            out[i] = in[i / spec.width() * stride + column + i % spec.width()];
        }
        return out;
    }

    /** {@link org.flinksigmoid.kernels.backend.AttentionKernel} in double. */
    public static double[] attention(
            AttentionSpec spec,
            RaggedBatch queries,
            RaggedBatch keys,
            double[] q,
            double[] k,
            double[] v) {
        int width = spec.width();
        int dim = spec.headDim();
        double[] out = new double[queries.rows() * width];
        for (int s = 0; s < queries.size(); s++) {
            for (int head = 0; head < spec.heads(); head++) {
                double slope = spec.alibi() ? AttentionSpec.alibiSlope(head, spec.heads()) : 0;
                for (int i = 0; i < queries.length(s); i++) {
                    int begin = spec.mask().firstKey(i);
                    int end = spec.mask().endKey(i, keys.length(s));
                    double[] logits = new double[Math.max(0, end - begin)];
                    int row = (queries.offset(s) + i) * width + head * dim;
                    for (int j = begin; j < end; j++) {
                        double dot = 0;
                        for (int d = 0; d < dim; d++) {
                            dot += q[row + d] * k[(keys.offset(s) + j) * width + head * dim + d];
                        }
                        logits[j - begin] = spec.scale() * dot - slope * Math.abs(i - j);
                    }
                    probabilities(spec, logits);
                    for (int j = begin; j < end; j++) {
                        for (int d = 0; d < dim; d++) {
                            out[row + d] +=
                                    logits[j - begin]
                                            * v[(keys.offset(s) + j) * width + head * dim + d];
                        }
                    }
                }
            }
        }
        return out;
    }

    private static void probabilities(AttentionSpec spec, double[] logits) {
        switch (spec) {
            case SigmoidAttention sigmoid -> {
                double bias =
                        switch (sigmoid.bias()) {
                            case Bias.Fixed fixed -> fixed.value();
                            case Bias.NegativeLogN none -> -Math.log(logits.length);
                        };
                for (int j = 0; j < logits.length; j++) {
                    logits[j] = ScalarFunctions.sigmoid(logits[j] + bias);
                }
            }
            case SoftmaxAttention softmax -> softmax(logits);
        }
    }

    private static void softmax(double[] row) {
        double max = Arrays.stream(row).max().orElse(0);
        double sum = 0;
        for (int j = 0; j < row.length; j++) {
            row[j] = Math.exp(row[j] - max);
            sum += row[j];
        }
        for (int j = 0; j < row.length; j++) {
            row[j] /= sum;
        }
    }

    private void pool(Op.Pool op) {
        RaggedBatch batch = sequences(op.in());
        int width = width(op.in());
        for (int s = 0; s < batch.size(); s++) {
            for (int c = 0; c < width && batch.length(s) > 0; c++) {
                double first = slots[op.in()][batch.offset(s) * width + c];
                double sum = 0;
                double max = first;
                for (int r = batch.offset(s); r < batch.offset(s + 1); r++) {
                    sum += slots[op.in()][r * width + c];
                    max = Math.max(max, slots[op.in()][r * width + c]);
                }
                slots[op.out()][s * width + c] =
                        switch (op.kind()) {
                            case MEAN -> sum / batch.length(s);
                            case MAX -> max;
                            case FIRST -> first;
                        };
            }
        }
    }

    private void rowFunction(Op.RowFunction op) {
        int width = width(op.in());
        for (int r = 0; r < rows(op.in()); r++) {
            double[] row = new double[width];
            System.arraycopy(slots[op.in()], r * width, row, 0, width);
            switch (op.kind()) {
                case SOFTMAX -> softmax(row);
                case LOG_SOFTMAX -> {
                    double max = Arrays.stream(row).max().orElse(0);
                    double sum = Arrays.stream(row).map(x -> Math.exp(x - max)).sum();
                    for (int c = 0; c < width; c++) {
                        row[c] = row[c] - max - Math.log(sum);
                    }
                }
                case SIGMOID -> Arrays.setAll(row, c -> ScalarFunctions.sigmoid(row[c]));
                case L2_NORMALIZE -> {
                    double norm = Math.sqrt(Arrays.stream(row).map(x -> x * x).sum());
                    for (int c = 0; c < width && norm > 0; c++) {
                        row[c] /= norm;
                    }
                }
            }
            System.arraycopy(row, 0, slots[op.out()], r * width, width);
        }
    }
}
