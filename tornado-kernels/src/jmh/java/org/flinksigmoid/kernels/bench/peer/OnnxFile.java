package org.flinksigmoid.kernels.bench.peer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights and nodes of an ONNX file, read straight from its protobuf encoding: just the fields
 * that a converter of encoders needs (<a
 * href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>).
 */
public final class OnnxFile {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;
    private static final int FLOAT = 1;

    private final Map<String, Weight> weights = new HashMap<>();
    private final List<Node> nodes = new ArrayList<>();

    /**
     * A float initializer.
     *
     * @param dimensions outermost first
     * @param values row-major
     */
    public record Weight(List<Long> dimensions, float[] values) {}

    /**
     * An operation.
     *
     * @param name its name, which tells where in the model it stands
     * @param operation as {@code MatMul}
     * @param inputs names of weights or of other nodes' outputs
     */
    public record Node(String name, String operation, List<String> inputs) {}

    private OnnxFile() {}

    /** Reads a whole file's bytes. */
    public static OnnxFile parse(byte[] bytes) {
        OnnxFile file = new OnnxFile();
        ByteBuffer model = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (model.hasRemaining()) {
            int tag = (int) varint(model);
            if (tag >>> 3 == 7) {
                file.readGraph(slice(model));
            } else {
                skip(model, tag);
            }
        }
        return file;
    }

    /** A weight by its name. */
    public Weight weight(String name) {
        Weight weight = weights.get(name);
        if (weight == null) {
            throw new IllegalArgumentException(name + ": no such float initializer");
        }
        return weight;
    }

    /** Whether there is a float weight of that name. */
    public boolean has(String name) {
        return weights.containsKey(name);
    }

    /** All operations in the order of the file. */
    public List<Node> nodes() {
        return nodes;
    }

    private void readGraph(ByteBuffer graph) {
        while (graph.hasRemaining()) {
            int tag = (int) varint(graph);
            switch (tag >>> 3) {
                case 1 -> nodes.add(readNode(slice(graph)));
                case 5 -> readWeight(slice(graph));
                default -> skip(graph, tag);
            }
        }
    }

    private static Node readNode(ByteBuffer node) {
        List<String> inputs = new ArrayList<>();
        String name = "";
        String operation = "";
        while (node.hasRemaining()) {
            int tag = (int) varint(node);
            switch (tag >>> 3) {
                case 1 -> inputs.add(text(node));
                case 3 -> name = text(node);
                case 4 -> operation = text(node);
                default -> skip(node, tag);
            }
        }
        return new Node(name, operation, inputs);
    }

    private void readWeight(ByteBuffer tensor) {
        List<Long> dimensions = new ArrayList<>();
        String name = "";
        int type = 0;
        ByteBuffer raw = ByteBuffer.allocate(0);
        while (tensor.hasRemaining()) {
            int tag = (int) varint(tensor);
            switch (tag >>> 3) {
                case 1 -> {
                    if ((tag & 7) == VARINT) {
                        dimensions.add(varint(tensor));
                    } else {
                        ByteBuffer packed = slice(tensor);
                        while (packed.hasRemaining()) {
                            dimensions.add(varint(packed));
                        }
                    }
                }
                case 2 -> type = (int) varint(tensor);
                case 8 -> name = text(tensor);
                case 4, 9 -> raw = slice(tensor);
                default -> skip(tensor, tag);
            }
        }
        if (type == FLOAT) {
            float[] values = new float[raw.remaining() / Float.BYTES];
            raw.asFloatBuffer().get(values);
            weights.put(name, new Weight(dimensions, values));
        }
    }

    private static String text(ByteBuffer in) {
        return StandardCharsets.UTF_8.decode(slice(in)).toString();
    }

    private static ByteBuffer slice(ByteBuffer in) {
        int length = (int) varint(in);
        ByteBuffer slice = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return slice;
    }

    private static void skip(ByteBuffer in, int tag) {
        switch (tag & 7) {
            case VARINT -> varint(in);
            case FIXED64 -> in.position(in.position() + Long.BYTES);
            case LENGTH_DELIMITED -> slice(in);
            case FIXED32 -> in.position(in.position() + Integer.BYTES);
            default -> throw new IllegalArgumentException("wire type " + (tag & 7));
        }
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a varint of more than 64 bits");
    }
}
