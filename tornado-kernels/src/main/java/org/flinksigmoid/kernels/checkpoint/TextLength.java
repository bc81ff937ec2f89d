package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where Hugging Face cuts a BERT's text, special tokens included: {@code model_max_length} of
 * {@code tokenizer_config.json}, before which {@code max_seq_length} of sentence-transformers'
 * {@code sentence_bert_config.json} goes for an embedding. Models are often trained on shorter
 * texts than their positions allow.
 */
public final class TextLength {
    private static final String SENTENCE = "sentence_bert_config.json";
    private static final String SENTENCE_KEY = "max_seq_length";
    private static final String TOKENIZER = "tokenizer_config.json";
    private static final String TOKENIZER_KEY = "model_max_length";

    /** Hugging Face writes 1e30 where there is no bound. */
    private static final double UNBOUNDED = 1e40;

    private TextLength() {}

    /**
     * Most tokens of a text: {@code max_position_embeddings} where the folder says nothing else.
     *
     * @throws CheckpointException if one of the files can't be used
     */
    public static int read(Path folder, ModelConfig config) {
        int positions = config.maxPositions();
        if (config.family() == Family.FLINK_SIGMOID) {
            return positions;
        }
        if (config.task() == Task.EMBEDDING && Files.exists(folder.resolve(SENTENCE))) {
            ConfigFields fields = ConfigFields.read(folder, SENTENCE);
            if (fields.has(SENTENCE_KEY)) {
                return Math.min(positions, fields.integer(SENTENCE_KEY, 1, Integer.MAX_VALUE));
            }
        }
        if (!Files.exists(folder.resolve(TOKENIZER))) {
            return positions;
        }
        ConfigFields fields = ConfigFields.read(folder, TOKENIZER);
        return (int) Math.min(positions, fields.number(TOKENIZER_KEY, 1, UNBOUNDED, positions));
    }
}
