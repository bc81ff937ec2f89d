package org.flinksigmoid.kernels.checkpoint;

/** What a model's output means. */
public enum Task implements Keyed {
    /** Log-probabilities of labels, one row per step: speech. */
    CTC("ctc"),
    /** Probabilities of labels, one row per text. */
    TEXT_CLASSIFICATION("text-classification"),
    /** One probability per text. */
    SCORE("score"),
    /** One vector per text. */
    EMBEDDING("embedding");

    private final String key;

    Task(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }
}
