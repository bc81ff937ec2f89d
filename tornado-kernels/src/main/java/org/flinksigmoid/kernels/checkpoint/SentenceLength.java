package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where sentence-transformers cuts a text for an embedding: {@code max_seq_length} of {@code
 * sentence_bert_config.json}, special tokens included. Models are often trained on shorter texts
 * than their positions allow.
 */
public final class SentenceLength {
    private static final String FILE = "sentence_bert_config.json";
    private static final String KEY = "max_seq_length";

    private SentenceLength() {}

    /**
     * Most tokens of a text: {@code max_position_embeddings} where the folder says nothing else.
     *
     * @throws CheckpointException if the file can't be used
     */
    public static int read(Path folder, ModelConfig config) {
        int positions = config.maxPositions();
        if (config.family() != Family.BERT
                || config.task() != Task.EMBEDDING
                || !Files.exists(folder.resolve(FILE))) {
            return positions;
        }
        ConfigFields fields = ConfigFields.read(folder, FILE);
        return Math.min(positions, fields.integer(KEY, 1, Integer.MAX_VALUE, positions));
    }
}
