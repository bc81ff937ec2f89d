package org.flinksigmoid.kernels.model;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.Task;
import org.flinksigmoid.kernels.checkpoint.TextLength;
import org.flinksigmoid.kernels.decode.CtcGreedy;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.flinksigmoid.kernels.text.ByteEncoder;
import org.flinksigmoid.kernels.text.HuggingFaceEncoder;
import org.flinksigmoid.kernels.text.TextEncoder;

/**
 * A text model: token ids to probabilities of labels, a score or an embedding.
 *
 * <p>Thread-safe: subtasks of one process share a model without losing speed. On a CPU calls of
 * {@link #infer} run one after the other, each on all the threads of the model's backend; on a GPU
 * the copies of one overlap the kernels of another. {@link #encode} runs in parallel. Whoever loads
 * a model closes it.
 */
public final class TextModel implements AutoCloseable {
    private static final String TOKENIZER = "tokenizer.json";

    /** What a slow tokenizer writes instead. */
    private static final List<String> OTHER_TOKENIZERS =
            List.of("vocab.txt", "merges.txt", "spiece.model", "sentencepiece.bpe.model");

    private final LoadedEncoder encoder;
    private final TextEncoder tokenizer;

    private TextModel(LoadedEncoder encoder, TextEncoder tokenizer) {
        this.encoder = encoder;
        this.tokenizer = tokenizer;
    }

    /**
     * Loads a checkpoint folder.
     *
     * @throws CheckpointException if the folder is not a text checkpoint that can be used; the
     *     message names file, field, expected and found
     * @throws IllegalArgumentException if there is no backend of the name asked for
     * @throws IllegalStateException if the backend asked for can't run here
     */
    public static TextModel load(Path folder, ModelOptions options) {
        Backends.Selection selection = LoadedEncoder.select(options);
        ModelConfig config = LoadedEncoder.readConfig(folder);
        if (config.task() == Task.CTC) {
            throw new CheckpointException(
                    ModelConfig.FILE, "task", "a task on text", "\"" + Task.CTC.key() + "\"");
        }
        TextEncoder tokenizer = tokenizer(folder, config);
        try {
            return new TextModel(LoadedEncoder.load(folder, config, selection, options), tokenizer);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            throw e;
        }
    }

    private static TextEncoder tokenizer(Path folder, ModelConfig config) {
        Path file = folder.resolve(TOKENIZER);
        // A link that leads nowhere is a tokenizer that is missing, not none.
        boolean exists = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        if (exists && config.byteTokenizer()) {
            throw new CheckpointException(
                    ModelConfig.FILE,
                    "tokenizer",
                    "nothing, as there is a " + TOKENIZER,
                    "\"byte\"");
        }
        int maxTokens = TextLength.read(folder, config);
        if (exists) {
            int before = config.position().first() - 1;
            OptionalInt padding = before < 0 ? OptionalInt.empty() : OptionalInt.of(before);
            return HuggingFaceEncoder.load(file, maxTokens, config.vocabularySize(), padding);
        }
        if (config.vocabularySize() != 256) {
            String only =
                    OTHER_TOKENIZERS.stream()
                            .filter(other -> Files.exists(folder.resolve(other)))
                            .map(
                                    other ->
                                            ", only %s: load it by transformers' AutoTokenizer, and"
                                                            .formatted(other)
                                                    + " save_pretrained makes one")
                            .findFirst()
                            .orElse("");
            throw new CheckpointException(
                    TOKENIZER,
                    "",
                    "a tokenizer, as vocab_size of config.json is " + config.vocabularySize(),
                    "no such file%s (without one, texts are bytes and vocab_size is 256)"
                            .formatted(only));
        }
        return new ByteEncoder(maxTokens);
    }

    /** What was loaded, and on what it runs. */
    public ModelInfo info() {
        return encoder.info();
    }

    /** Bytes that the model holds in a device's own memory now; 0 on a CPU. */
    public long deviceBytes() {
        return encoder.deviceBytes();
    }

    /** What the output means. */
    public Task task() {
        return encoder.config().task();
    }

    /** Names of the output's columns; empty for embeddings and for a score without a name. */
    public List<String> labels() {
        return encoder.config().labels();
    }

    /** Columns of the output: labels, 1 for a score, the embedding's width. */
    public int outputWidth() {
        return encoder.config().outputSize();
    }

    /** Column of an output's greatest number, the lowest of equal ones: which label it is for. */
    public static int best(float[] output) {
        return CtcGreedy.argmax(output, 0, output.length);
    }

    /** Longest text in tokens. */
    public int maxRows() {
        return encoder.config().maxInputRows();
    }

    /**
     * Token ids of a text, cut at {@link #maxRows}, or where Hugging Face cuts it ({@link
     * TextLength}). Works for every string; an empty one has a token too.
     */
    public int[] encode(String text) {
        return tokenizer.encode(text);
    }

    /** Why {@link #infer} would refuse these tokens; empty if it takes them. */
    public Optional<String> problem(int[] tokens) {
        if (tokens.length < 1 || tokens.length > maxRows()) {
            return Optional.of(
                    "expected 1 to %d tokens, found %d".formatted(maxRows(), tokens.length));
        }
        int vocabulary = encoder.config().vocabularySize();
        for (int token : tokens) {
            if (token < 0 || token >= vocabulary) {
                return Optional.of(
                        "expected token ids from 0 to %d, found %d"
                                .formatted(vocabulary - 1, token));
            }
        }
        return Optional.empty();
    }

    /**
     * Runs a batch. A text's result doesn't depend on its company, to rounding.
     *
     * @param tokens token ids of each text
     * @return {@code outputWidth} numbers per text, in the same order: probabilities of the labels,
     *     one probability, or a vector
     * @throws InvalidInputException if a text can't be taken, see {@link #problem}, or if its
     *     result isn't finite
     * @throws IllegalStateException if the model is closed
     */
    public List<float[]> infer(List<int[]> tokens) {
        int[] lengths = new int[tokens.size()];
        for (int i = 0; i < lengths.length; i++) {
            Optional<String> problem = problem(tokens.get(i));
            if (problem.isPresent()) {
                throw new InvalidInputException(i, problem.get());
            }
            lengths[i] = tokens.get(i).length;
        }
        RaggedBatch batch = RaggedBatch.ofLengths(lengths);
        float[] outputs = batch.rows() == 0 ? new float[0] : run(batch, tokens);
        Arrays.fill(lengths, outputWidth());
        return LoadedEncoder.split(outputs, lengths);
    }

    private float[] run(RaggedBatch batch, List<int[]> tokens) {
        int[] packed = new int[batch.rows()];
        for (int i = 0; i < tokens.size(); i++) {
            int[] text = tokens.get(i);
            System.arraycopy(text, 0, packed, batch.offset(i), text.length);
        }
        return encoder.run(batch, new Input.TokenIds(packed));
    }

    /** Releases the backend and the tokenizer; waits for a call in progress. */
    @Override
    public void close() {
        try (tokenizer) {
            encoder.close();
        }
    }
}
