package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where Hugging Face cuts a BERT's text, special tokens included: {@code model_max_length} of
 * {@code tokenizer_config.json}, before which {@code max_seq_length} of sentence-transformers'
 * {@code sentence_bert_config.json} (or a name of another family) goes for an embedding. Models are
 * often trained on shorter texts than their positions allow.
 */
public final class TextLength {
    /** Sentence-transformers' names of one file; it reads the first that is there. */
    public static final List<String> SENTENCE_FILES =
            List.of(
                    "sentence_bert_config.json",
                    "sentence_roberta_config.json",
                    "sentence_distilbert_config.json",
                    "sentence_camembert_config.json",
                    "sentence_xlm-roberta_config.json");

    private static final String SENTENCE_KEY = "max_seq_length";
    private static final String TOKENIZER = "tokenizer_config.json";
    private static final String TOKENIZER_KEY = "model_max_length";
    private static final String OLD_KEY = "max_len";

    /** Hugging Face writes 1e30 where there is no bound. */
    private static final double UNBOUNDED = 1e40;

    private TextLength() {}

    /** The name of the one that sentence-transformers reads, if there is one. */
    public static Optional<String> sentenceFile(Path folder) {
        return SENTENCE_FILES.stream()
                .filter(name -> Files.exists(folder.resolve(name)))
                .findFirst();
    }

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
        Optional<String> sentence = sentenceFile(folder);
        if (config.task() == Task.EMBEDDING && sentence.isPresent()) {
            ConfigFields fields = ConfigFields.read(folder, sentence.get());
            if (fields.has(SENTENCE_KEY)) {
                return Math.min(positions, fields.integer(SENTENCE_KEY, 1, Integer.MAX_VALUE));
            }
        }
        if (!Files.exists(folder.resolve(TOKENIZER))) {
            return positions;
        }
        ConfigFields fields = ConfigFields.read(folder, TOKENIZER);
        String key = fields.has(TOKENIZER_KEY) ? TOKENIZER_KEY : OLD_KEY;
        return (int) Math.min(positions, fields.number(key, 1, UNBOUNDED, positions));
    }
}
