package org.flinksigmoid.kernels.checkpoint;

/** Whose names a checkpoint's parameters and keys have: {@code model_type} in config.json. */
public enum Family implements Keyed {
    /** This project's checkpoint contract. */
    FLINK_SIGMOID("flink-sigmoid"),
    /** Hugging Face's BERT. */
    BERT("bert");

    private final String key;

    Family(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }
}
