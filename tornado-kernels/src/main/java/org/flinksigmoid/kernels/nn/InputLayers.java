package org.flinksigmoid.kernels.nn;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.checkpoint.ConvolutionConfig;
import org.flinksigmoid.kernels.checkpoint.FrontEndConfig;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.Task;
import org.flinksigmoid.kernels.tensor.Tensor;

/** From the input to the first encoder row: embeddings, convolutions, positions. */
final class InputLayers {
    private final ModelConfig config;
    private final ProgramBuilder builder;
    private final Parameters parameters;
    private final EncoderNames names;

    InputLayers(
            ModelConfig config, ProgramBuilder builder, Parameters parameters, EncoderNames names) {
        this.config = config;
        this.builder = builder;
        this.parameters = parameters;
        this.names = names;
    }

    /** The slot that holds the encoder's rows. */
    int build() {
        int in = config.task() == Task.CTC ? features() : embeddings();
        int x = config.frontEnd().map(frontEnd -> convolutions(frontEnd, in)).orElse(in);
        switch (config.position().type()) {
            case SINUSOIDAL -> {
                Tensor table = Tensors.sinusoids(config.maxPositions(), config.hiddenSize());
                builder.add(new Op.AddPosition(x, table));
            }
            case LEARNED -> builder.add(new Op.AddPosition(x, learnedPositions()));
            case ROPE, ALIBI, NONE -> {}
        }
        if (!names.embeddingNorm().isEmpty()) {
            Parameters.Norm norm = parameters.norm(names.embeddingNorm(), config.embeddingSize());
            float eps = (float) config.layerNormEps();
            builder.add(new Op.LayerNorm(x, x, norm.gain(), Optional.of(norm.bias()), eps));
        }
        return config.embeddingSize() == config.hiddenSize() ? x : projected(x);
    }

    private int projected(int embeddings) {
        int width = config.hiddenSize();
        int x = builder.slot("x", 0, width);
        Parameters.Linear projection =
                parameters.linear(names.embeddingProjection(), width, config.embeddingSize());
        builder.linear(embeddings, x, projection, Activation.IDENTITY);
        return x;
    }

    private int features() {
        return builder.slot("features", 0, config.frontEnd().orElseThrow().inputSize());
    }

    private int embeddings() {
        int width = config.embeddingSize();
        boolean last = config.frontEnd().isEmpty() && width == config.hiddenSize();
        int x = builder.slot(last ? "x" : "embeddings", 0, width);
        builder.add(
                new Op.Embed(
                        x,
                        parameters.table(names.wordEmbeddings(), config.vocabularySize(), width)));
        return x;
    }

    private int convolutions(FrontEndConfig frontEnd, int input) {
        int in = input;
        int width = frontEnd.inputSize();
        List<ConvolutionConfig> layers = frontEnd.layers();
        for (int i = 0; i < layers.size(); i++) {
            ConvolutionConfig layer = layers.get(i);
            String name = "frontend.conv." + i;
            boolean last = i == layers.size() - 1;
            int out = builder.slot(last ? "x" : name, i + 1, layer.channels());
            builder.add(
                    new Op.Conv1d(
                            in,
                            out,
                            parameters.convolution(name, layer.channels(), width, layer.kernel()),
                            Optional.of(parameters.vector(name + ".bias", layer.channels())),
                            layer.stride(),
                            layer.kernel() / 2,
                            Activations.of(layer.activation())));
            in = out;
            width = layer.channels();
        }
        return in;
    }

    /** The table of positions; where a family has token types, every token is of type 0. */
    private Tensor learnedPositions() {
        int width = config.embeddingSize();
        int first = config.position().first();
        Tensor table =
                parameters.table(names.positionEmbeddings(), first + config.maxPositions(), width);
        Tensor positions = Tensors.withoutRows(table, first);
        if (names.tokenTypeEmbeddings().isEmpty()) {
            return positions;
        }
        Tensor types = parameters.tableOfAnyHeight(names.tokenTypeEmbeddings(), width);
        return Tensors.addToRows(positions, Arrays.copyOf(types.toFloats(), width));
    }
}
