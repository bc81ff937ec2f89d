package org.flinksigmoid.kernels.checkpoint;

import java.util.List;

/**
 * The {@code frontend} object of config.json: convolutions from feature rows (speech) or embeddings
 * (text) to encoder rows.
 *
 * @param inputSize width of an input row
 * @param layers the convolutions in order, at least one
 */
public record FrontEndConfig(int inputSize, List<ConvolutionConfig> layers) {
    public FrontEndConfig {
        layers = List.copyOf(layers);
    }

    static FrontEndConfig read(ConfigFields fields) {
        FrontEndConfig config =
                new FrontEndConfig(
                        fields.integer("input_size", 1, ModelConfig.MAX_WIDTH),
                        fields.objects("layers", 1, 8).stream()
                                .map(ConvolutionConfig::read)
                                .toList());
        fields.refuseUnused();
        return config;
    }

    /** Encoder rows that {@code rows} input rows become. */
    public int outputRows(int rows) {
        int left = rows;
        for (ConvolutionConfig layer : layers) {
            left = layer.outputRows(left);
        }
        return left;
    }

    /** Width of an encoder row. */
    public int outputSize() {
        return layers.getLast().channels();
    }
}
