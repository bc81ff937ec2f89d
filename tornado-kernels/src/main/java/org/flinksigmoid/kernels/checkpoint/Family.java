package org.flinksigmoid.kernels.checkpoint;

/** Whose names a checkpoint's parameters and keys have: {@code model_type} in config.json. */
public enum Family implements Keyed {
    /** This project's checkpoint contract. */
    FLINK_SIGMOID("flink-sigmoid", ""),
    /** Hugging Face's BERT. */
    BERT("bert", "Bert"),
    /** RoBERTa (Liu et al., arXiv 1907.11692): a BERT of other positions and another head. */
    ROBERTA("roberta", "Roberta"),
    /** A RoBERTa of many languages (Conneau et al., arXiv 1911.02116). */
    XLM_ROBERTA("xlm-roberta", "XLMRoberta"),
    /** A French one (Martin et al., arXiv 1911.03894). */
    CAMEMBERT("camembert", "Camembert"),
    /** DistilBERT (Sanh et al., arXiv 1910.01108): a BERT of other names and another head. */
    DISTILBERT("distilbert", "DistilBert"),
    /** ELECTRA (Clark et al., arXiv 2003.10555): a BERT of narrower embeddings, another head. */
    ELECTRA("electra", "Electra");

    private final String key;
    private final String architecture;

    Family(String key, String architecture) {
        this.key = key;
        this.architecture = architecture;
    }

    @Override
    public String key() {
        return key;
    }

    /** Whether it is RoBERTa or has its parameters. */
    public boolean isRoberta() {
        return this == ROBERTA || this == XLM_ROBERTA || this == CAMEMBERT;
    }

    /** What Hugging Face's class of a model with that head is called. */
    String architecture(String head) {
        return architecture + head;
    }
}
