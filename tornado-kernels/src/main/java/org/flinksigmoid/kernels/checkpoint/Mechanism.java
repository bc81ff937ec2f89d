package org.flinksigmoid.kernels.checkpoint;

/** How attention turns logits into weights. */
public enum Mechanism implements Keyed {
    /** Elementwise sigmoid (arXiv 2409.04431). */
    SIGMOID("sigmoid"),
    /** Softmax over the keys. */
    SOFTMAX("softmax");

    private final String key;

    Mechanism(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }
}
