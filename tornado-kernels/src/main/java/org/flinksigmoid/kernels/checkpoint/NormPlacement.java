package org.flinksigmoid.kernels.checkpoint;

/** Where layer norm stands. */
public enum NormPlacement implements Keyed {
    /** {@code x + f(norm(x))}. */
    PRE("pre"),
    /** {@code norm(x + f(x))}. */
    POST("post"),
    /** {@code x + norm(f(norm(x)))}. */
    HYBRID("hybrid");

    private final String key;

    NormPlacement(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }
}
