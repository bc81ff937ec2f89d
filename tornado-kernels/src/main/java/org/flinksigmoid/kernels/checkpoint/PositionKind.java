package org.flinksigmoid.kernels.checkpoint;

/** How a model knows positions. */
public enum PositionKind implements Keyed {
    /** Rotation of queries and keys (arXiv 2104.09864). */
    ROPE("rope"),
    /** Penalty on distance (arXiv 2108.12409). */
    ALIBI("alibi"),
    /** Fixed sines and cosines added to the input (arXiv 1706.03762); also CAPE at inference. */
    SINUSOIDAL("sinusoidal"),
    /** A learned table added to the input. */
    LEARNED("learned"),
    /** Not at all. */
    NONE("none");

    private final String key;

    PositionKind(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }
}
