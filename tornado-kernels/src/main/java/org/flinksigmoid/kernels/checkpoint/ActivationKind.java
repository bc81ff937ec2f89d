package org.flinksigmoid.kernels.checkpoint;

/** Elementwise functions by their names in config.json. */
public enum ActivationKind implements Keyed {
    /** {@code max(x, 0)}. */
    RELU("relu"),
    /** Exact, with erf. */
    GELU("gelu"),
    /** The tanh approximation. */
    GELU_NEW("gelu_new"),
    /** {@code x sigmoid(x)}. */
    SILU("silu"),
    /** {@code tanh(x)}. */
    TANH("tanh"),
    /** {@code x}. */
    LINEAR("linear");

    private final String key;

    ActivationKind(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }
}
