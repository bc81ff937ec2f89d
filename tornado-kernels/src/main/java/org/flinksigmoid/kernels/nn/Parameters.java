package org.flinksigmoid.kernels.nn;

import java.util.List;
import java.util.Optional;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.Weights;
import org.flinksigmoid.kernels.tensor.Shape;
import org.flinksigmoid.kernels.tensor.Tensor;

/** Parameters by layer kind, in the form that operations want them. */
final class Parameters {
    private final ModelConfig config;
    private final Weights weights;

    Parameters(ModelConfig config, Weights weights) {
        this.config = config;
        this.weights = weights;
    }

    /**
     * A linear layer's.
     *
     * @param weight {@code [out, in]}
     * @param bias {@code [out]}
     */
    record Linear(Tensor weight, Optional<Tensor> bias) {}

    /**
     * A layer norm's.
     *
     * @param gain {@code [width]}
     * @param bias {@code [width]}
     */
    record Norm(Tensor gain, Tensor bias) {}

    /** {@code [rows, width]} under {@code name.weight}. */
    Tensor table(String name, int rows, int width) {
        return weights.take(name + ".weight", rows, width);
    }

    /** {@code [any, width]} under {@code name.weight}, at least one row. */
    Tensor tableOfAnyHeight(String name, int width) {
        Shape shape = weights.shapeOf(name + ".weight");
        long rows = shape.rank() == 2 ? Math.max(1, shape.dimension(0)) : 1;
        return weights.take(name + ".weight", rows, width);
    }

    /** {@code [width]} under exactly that name. */
    Tensor vector(String name, int width) {
        return weights.take(name, width);
    }

    Norm norm(String name, int width) {
        // Checkpoints converted from TensorFlow call gain and bias gamma and beta.
        boolean old = !weights.has(name + ".weight") && weights.has(name + ".gamma");
        return new Norm(
                weights.take(name + (old ? ".gamma" : ".weight"), width),
                weights.take(name + (old ? ".beta" : ".bias"), width));
    }

    Tensor convolution(String name, int out, int in, int kernel) {
        return weights.take(name + ".weight", out, in, kernel);
    }

    /** A linear layer outside the encoder, which is never reparametrised. */
    Linear head(String name, int out, int in, boolean bias) {
        Tensor weight = table(name, out, in);
        return new Linear(
                weight, bias ? Optional.of(vector(name + ".bias", out)) : Optional.empty());
    }

    /** A linear layer of the encoder. */
    Linear linear(String name, int out, int in) {
        Tensor weight = table(name, out, in);
        if (config.sigmaReparam()) {
            weight = foldSigma(name, weight);
        }
        String bias = name + ".bias";
        if (config.linearBias()) {
            return new Linear(weight, Optional.of(vector(bias, out)));
        }
        if (weights.has(bias)) {
            throw new CheckpointException(
                    ModelConfig.FILE, "use_bias", "true, as there is a tensor " + bias, "false");
        }
        return new Linear(weight, Optional.empty());
    }

    /** Several linear layers of the same input as one: their outputs side by side. */
    Linear fused(List<String> names, int outEach, int in) {
        List<Linear> parts = names.stream().map(name -> linear(name, outEach, in)).toList();
        String name = String.join("|", names);
        Tensor weight = Tensors.concatenateRows(name, parts.stream().map(Linear::weight).toList());
        if (!config.linearBias()) {
            return new Linear(weight, Optional.empty());
        }
        List<Tensor> biases = parts.stream().map(part -> part.bias().orElseThrow()).toList();
        return new Linear(weight, Optional.of(Tensors.concatenateRows(name + ".bias", biases)));
    }

    /**
     * Sigma reparametrisation (Zhai et al., arXiv 2303.06296): the layer's weight is {@code gain /
     * sigma(W) W}, where {@code W} is stored, {@code name.sigma_gain [1]} is learned and {@code
     * name.sigma [1]} is W's spectral norm as training last estimated it.
     */
    private Tensor foldSigma(String name, Tensor weight) {
        float gain = weights.take(name + ".sigma_gain", 1).toFloats()[0];
        float sigma = weights.take(name + ".sigma", 1).toFloats()[0];
        if (!(sigma > 0) || !Float.isFinite(gain / sigma)) {
            throw new CheckpointException(
                    "model.safetensors",
                    name + ".sigma",
                    "a spectral norm above 0",
                    Float.toString(sigma));
        }
        return Tensors.scale(weight, gain / sigma);
    }
}
