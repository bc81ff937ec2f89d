package org.flinksigmoid.kernels.checkpoint;

/**
 * One convolution along the sequence of a front end, with {@code kernel / 2} zeros on each side.
 *
 * @param kernel taps
 * @param stride rows from one output to the next
 * @param channels output width
 * @param activation what it ends with
 */
public record ConvolutionConfig(int kernel, int stride, int channels, ActivationKind activation) {
    static ConvolutionConfig read(ConfigFields fields) {
        ConvolutionConfig config =
                new ConvolutionConfig(
                        fields.integer("kernel", 1, 255),
                        fields.integer("stride", 1, 64),
                        fields.integer("channels", 1, ModelConfig.MAX_WIDTH),
                        fields.choice("activation", ActivationKind.values()));
        fields.refuseUnused();
        return config;
    }

    /** Rows that {@code rows} come out as. */
    public int outputRows(int rows) {
        int span = rows + 2 * (kernel / 2) - kernel;
        return rows == 0 || span < 0 ? 0 : span / stride + 1;
    }
}
