package org.flinksigmoid.kernels.bench.peer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * An ONNX file in the making: nodes in the order they run, weights among them (<a
 * href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>, opset 20).
 */
final class OnnxGraph {
    private static final int FORMAT_VERSION = 9;
    private static final int OPSET = 20;
    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int REAL_ATTRIBUTE = 1;
    private static final int INTEGER_ATTRIBUTE = 2;
    private static final int INTEGERS_ATTRIBUTE = 7;

    private final ProtoWriter graph = new ProtoWriter().text(2, "encoder");
    private int names;

    /** An attribute of a node. */
    record Attribute(ProtoWriter encoded) {
        static Attribute of(String name, float value) {
            return new Attribute(
                    new ProtoWriter().text(1, name).real(2, value).integer(20, REAL_ATTRIBUTE));
        }

        static Attribute of(String name, long value) {
            return new Attribute(
                    new ProtoWriter()
                            .text(1, name)
                            .integer(3, value)
                            .integer(20, INTEGER_ATTRIBUTE));
        }

        static Attribute of(String name, long... values) {
            ProtoWriter encoded = new ProtoWriter().text(1, name);
            for (long value : values) {
                encoded.integer(8, value);
            }
            return new Attribute(encoded.integer(20, INTEGERS_ATTRIBUTE));
        }
    }

    /** Adds a node with one output and returns that output's name. */
    String node(String operation, List<String> inputs, Attribute... attributes) {
        return nodes(operation, inputs, 1, attributes).getFirst();
    }

    /** Adds a node and returns its outputs' names. */
    List<String> nodes(
            String operation, List<String> inputs, int outputs, Attribute... attributes) {
        ProtoWriter node = new ProtoWriter();
        inputs.forEach(input -> node.text(1, input));
        List<String> results = IntStream.range(0, outputs).mapToObj(i -> fresh()).toList();
        results.forEach(result -> node.text(2, result));
        node.text(4, operation);
        for (Attribute attribute : attributes) {
            node.message(5, attribute.encoded());
        }
        graph.message(1, node);
        return results;
    }

    private String fresh() {
        return "t" + names++;
    }

    /** A constant of floats. */
    String constant(float[] values, long... dimensions) {
        ByteBuffer raw =
                ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return initializer(FLOAT, raw, dimensions);
    }

    /** A vector as it stands in a checkpoint. */
    String constant(Tensor vector) {
        return constant(vector.toFloats(), vector.shape().dimension(0));
    }

    /** A constant of integers, such as a shape. */
    String constant(long... values) {
        ByteBuffer raw =
                ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        return initializer(INT64, raw, values.length);
    }

    private String initializer(int type, ByteBuffer raw, long... dimensions) {
        String name = fresh();
        ProtoWriter tensor = new ProtoWriter();
        for (long dimension : dimensions) {
            tensor.integer(1, dimension);
        }
        graph.message(5, tensor.integer(2, type).text(8, name).bytes(9, raw.array()));
        return name;
    }

    /** Declares a float input. */
    void input(String name, long... dimensions) {
        graph.message(11, value(name, dimensions));
    }

    /** Declares a float output. */
    void output(String name, long... dimensions) {
        graph.message(12, value(name, dimensions));
    }

    private static ProtoWriter value(String name, long... dimensions) {
        ProtoWriter shape = new ProtoWriter();
        for (long dimension : dimensions) {
            shape.message(1, new ProtoWriter().integer(1, dimension));
        }
        ProtoWriter tensor = new ProtoWriter().integer(1, FLOAT).message(2, shape);
        return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
    }

    /** The whole file. */
    byte[] toBytes() {
        return new ProtoWriter()
                .integer(1, FORMAT_VERSION)
                .message(7, graph)
                .message(8, new ProtoWriter().text(1, "").integer(2, OPSET))
                .toBytes();
    }
}
