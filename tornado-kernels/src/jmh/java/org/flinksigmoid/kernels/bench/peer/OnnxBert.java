package org.flinksigmoid.kernels.bench.peer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.flinksigmoid.kernels.checkpoint.SafetensorsWriter;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Shape;

/**
 * Turns a BERT that was exported from PyTorch to ONNX back into a checkpoint folder. The export
 * keeps the names of embeddings, biases and layer norms; it stores the dense matrices transposed
 * under names of its own, and only the nodes that multiply by them tell which is which.
 */
public final class OnnxBert {
    private final OnnxFile file;
    private final SafetensorsWriter writer = new SafetensorsWriter();

    private OnnxBert(OnnxFile file) {
        this.file = file;
    }

    /**
     * Writes config.json and model.safetensors (F32).
     *
     * @param heads attention heads, which the weights don't tell
     */
    public static void convert(OnnxFile file, int heads, Path folder) throws IOException {
        new OnnxBert(file).write(heads, folder);
    }

    private void write(int heads, Path folder) throws IOException {
        OnnxFile.Weight words = file.weight("embeddings.word_embeddings.weight");
        OnnxFile.Weight positions = file.weight("embeddings.position_embeddings.weight");
        keep("embeddings.word_embeddings.weight");
        keep("embeddings.position_embeddings.weight");
        keep("embeddings.token_type_embeddings.weight");
        keepNorm("embeddings.LayerNorm");
        int layers = 0;
        int intermediate = 0;
        String layer = layer(0);
        while (file.has(layer + "output.dense.bias")) {
            for (String part : new String[] {"self.query", "self.key", "self.value"}) {
                dense(layer + "attention." + part);
            }
            dense(layer + "attention.output.dense");
            keepNorm(layer + "attention.output.LayerNorm");
            dense(layer + "intermediate.dense");
            dense(layer + "output.dense");
            keepNorm(layer + "output.LayerNorm");
            intermediate = file.weight(layer + "intermediate.dense.bias").values().length;
            layer = layer(++layers);
        }
        Files.createDirectories(folder);
        ObjectNode config = new ObjectMapper().createObjectNode();
        config.put("model_type", "bert");
        config.put("hidden_size", words.dimensions().get(1));
        config.put("num_hidden_layers", layers);
        config.put("num_attention_heads", heads);
        config.put("intermediate_size", intermediate);
        config.put("hidden_act", "gelu");
        config.put("layer_norm_eps", 1e-12);
        config.put("max_position_embeddings", positions.dimensions().get(0));
        config.put("vocab_size", words.dimensions().get(0));
        Files.writeString(folder.resolve("config.json"), config.toPrettyString());
        writer.write(folder.resolve("model.safetensors"));
    }

    private static String layer(int index) {
        return "encoder.layer." + index + ".";
    }

    private void keep(String name) {
        OnnxFile.Weight weight = file.weight(name);
        long[] dimensions = weight.dimensions().stream().mapToLong(Long::longValue).toArray();
        writer.add(name, DType.F32, Shape.of(dimensions), weight.values());
    }

    private void keepNorm(String name) {
        keep(name + ".weight");
        keep(name + ".bias");
    }

    private void dense(String name) {
        OnnxFile.Weight stored = file.weight(matrixOf(name));
        int in = Math.toIntExact(stored.dimensions().get(0));
        int out = Math.toIntExact(stored.dimensions().get(1));
        float[] transposed = new float[stored.values().length];
        for (int i = 0; i < in; i++) {
            for (int o = 0; o < out; o++) {
                transposed[o * in + i] = stored.values()[i * out + o];
            }
        }
        writer.add(name + ".weight", DType.F32, Shape.of(out, in), transposed);
        keep(name + ".bias");
    }

    /**
     * The weight that a linear layer multiplies by. Nodes are named by the layer's path, in which a
     * layer and its index are one part: {@code /encoder/layer.0/output/dense/MatMul}.
     */
    private String matrixOf(String linear) {
        String path = linear.replace('.', '/').replaceAll("layer/(\\d+)", "layer.$1");
        String name = "/" + path + "/MatMul";
        for (OnnxFile.Node node : file.nodes()) {
            if (node.name().equals(name)) {
                for (String input : node.inputs()) {
                    if (file.has(input)) {
                        return input;
                    }
                }
            }
        }
        throw new IllegalArgumentException(name + ": no such multiplication by a weight");
    }
}
