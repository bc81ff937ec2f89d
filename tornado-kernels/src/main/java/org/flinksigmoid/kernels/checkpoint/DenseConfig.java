package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * A module {@code Dense} of sentence-transformers: a linear layer over an embedding, and a function
 * of each of its numbers.
 *
 * @param folder where its weights are, {@code linear.weight} and {@code linear.bias}
 * @param inputs width of what goes in
 * @param outputs width of what comes out
 * @param bias whether it has one
 * @param activation the function
 */
public record DenseConfig(
        String folder, int inputs, int outputs, boolean bias, ActivationKind activation) {
    private static final String EMBEDDING = "sentence_embedding";
    private static final String INPUTS = "in_features";
    private static final String FUNCTION = "activation_function";

    /** Classes of PyTorch; made without parameters, GELU is the exact one. */
    private static final Map<String, ActivationKind> FUNCTIONS =
            Map.of(
                    "torch.nn.modules.activation.Tanh", ActivationKind.TANH,
                    "torch.nn.modules.linear.Identity", ActivationKind.LINEAR,
                    "torch.nn.modules.activation.ReLU", ActivationKind.RELU,
                    "torch.nn.modules.activation.GELU", ActivationKind.GELU,
                    "torch.nn.modules.activation.SiLU", ActivationKind.SILU);

    /** Reads the config.json of the module in {@code module}, a folder of {@code folder}. */
    static DenseConfig read(Path folder, String module, int inputs) {
        ConfigFields fields = ConfigFields.read(folder, module + "/" + ModelConfig.FILE);
        int found = fields.integer(INPUTS, 1, ModelConfig.MAX_WIDTH);
        if (found != inputs) {
            throw fields.bad(
                    INPUTS, inputs + ", the width of what goes in", Integer.toString(found));
        }
        for (String key : new String[] {"module_input_name", "module_output_name"}) {
            fields.choice(key, Set.of(EMBEDDING), EMBEDDING);
        }
        if (fields.flag("use_residual", false)) {
            throw fields.bad("use_residual", "false", "true");
        }
        String function =
                fields.choice(FUNCTION, FUNCTIONS.keySet(), "torch.nn.modules.activation.Tanh");
        return new DenseConfig(
                module,
                inputs,
                fields.integer("out_features", 1, ModelConfig.MAX_WIDTH),
                fields.flag("bias", true),
                FUNCTIONS.get(function));
    }
}
