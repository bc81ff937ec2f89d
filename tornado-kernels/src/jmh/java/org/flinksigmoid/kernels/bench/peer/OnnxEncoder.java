package org.flinksigmoid.kernels.bench.peer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;

/**
 * Writes a program of features, layer norms, linear layers and unmasked sigmoid attention as the
 * ONNX graph that an export of the same encoder gives, for one sequence of a fixed length.
 */
final class OnnxEncoder {
    static final String INPUT = "features";

    private final OnnxGraph graph = new OnnxGraph();
    private final Program program;
    private final int rows;

    /** The value that stands in each slot. */
    private final Map<Integer, String> slots = new HashMap<>();

    private OnnxEncoder(Program program, int rows) {
        this.program = program;
        this.rows = rows;
    }

    /** The file's bytes. */
    static byte[] write(Program program, int rows) {
        return new OnnxEncoder(program, rows).write();
    }

    private byte[] write() {
        graph.input(INPUT, rows, program.slot(program.input()).width());
        slots.put(program.input(), INPUT);
        for (Op op : program.ops()) {
            switch (op) {
                case Op.LayerNorm norm -> slots.put(norm.out(), norm(norm));
                case Op.Linear linear -> slots.put(linear.out(), linear(linear));
                case Op.Attention attention -> slots.put(attention.out(), attention(attention));
                default -> throw new IllegalArgumentException("no ONNX form of " + op);
            }
        }
        int result = program.outputs().getFirst();
        graph.output(slots.get(result), rows, program.slot(result).width());
        return graph.toBytes();
    }

    private String norm(Op.LayerNorm op) {
        return graph.node(
                "LayerNormalization",
                List.of(
                        slots.get(op.in()),
                        graph.constant(op.gain()),
                        graph.constant(op.bias().orElseThrow())),
                OnnxGraph.Attribute.of("axis", -1L),
                OnnxGraph.Attribute.of("epsilon", op.eps()));
    }

    private String linear(Op.Linear op) {
        int outputs = (int) op.weight().shape().dimension(0);
        int inputs = (int) op.weight().shape().dimension(1);
        String weight =
                graph.constant(
                        transposed(op.weight().toFloats(), outputs, inputs), inputs, outputs);
        String product = graph.node("MatMul", List.of(slots.get(op.in()), weight));
        String sum = graph.node("Add", List.of(product, graph.constant(op.bias().orElseThrow())));
        String activated =
                switch (op.activation()) {
                    case IDENTITY -> sum;
                    case GELU -> graph.node("Gelu", List.of(sum));
                    case RELU -> graph.node("Relu", List.of(sum));
                    case Activation other ->
                            throw new IllegalArgumentException("no ONNX form of " + other);
                };
        return op.residual().isEmpty()
                ? activated
                : graph.node("Add", List.of(slots.get(op.residual().getAsInt()), activated));
    }

    private static float[] transposed(float[] weight, int outputs, int inputs) {
        float[] turned = new float[weight.length];
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < inputs; i++) {
                turned[i * outputs + o] = weight[o * inputs + i];
            }
        }
        return turned;
    }

    private String attention(Op.Attention op) {
        if (!(op.spec() instanceof SigmoidAttention spec)
                || !spec.mask().equals(Mask.NONE)
                || spec.alibi()) {
            throw new IllegalArgumentException("no ONNX form of " + op.spec());
        }
        List<String> parts =
                graph.nodes(
                        "Split",
                        List.of(slots.get(op.in())),
                        3,
                        OnnxGraph.Attribute.of("axis", 1L),
                        OnnxGraph.Attribute.of("num_outputs", 3L));
        String q = heads(parts.get(0), spec, 1, 0, 2);
        String k = heads(parts.get(1), spec, 1, 2, 0);
        String v = heads(parts.get(2), spec, 1, 0, 2);
        String scores = graph.node("MatMul", List.of(q, k));
        String scaled = graph.node("Mul", List.of(scores, scalar(spec.scale())));
        float bias =
                switch (spec.bias()) {
                    case Bias.Fixed fixed -> fixed.value();
                    case Bias.NegativeLogN none -> (float) -Math.log(rows);
                };
        String shifted = graph.node("Add", List.of(scaled, scalar(bias)));
        String weights = graph.node("Sigmoid", List.of(shifted));
        String mixed = graph.node("MatMul", List.of(weights, v));
        String together =
                graph.node("Transpose", List.of(mixed), OnnxGraph.Attribute.of("perm", 1, 0, 2));
        return graph.node(
                "Reshape", List.of(together, graph.constant(new long[] {rows, spec.width()})));
    }

    private String heads(String columns, SigmoidAttention spec, long... order) {
        long[] shape = {rows, spec.heads(), spec.headDim()};
        String split = graph.node("Reshape", List.of(columns, graph.constant(shape)));
        return graph.node("Transpose", List.of(split), OnnxGraph.Attribute.of("perm", order));
    }

    private String scalar(float value) {
        return graph.constant(new float[] {value}, 1);
    }
}
