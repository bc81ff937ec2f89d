package org.flinksigmoid.kernels.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ConvolutionConfig;
import org.flinksigmoid.kernels.checkpoint.FrontEndConfig;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.Task;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * A speech model: features of windows to log-probabilities of labels for CTC.
 *
 * <p>Thread-safe: subtasks of one process share a model without losing speed. On a CPU calls of
 * {@link #infer} run one after the other, each on all the threads of the model's backend; on a GPU
 * the copies of one overlap the kernels of another. Whoever loads a model closes it.
 */
public final class SpeechModel implements AutoCloseable {
    private static final int BLANK = 0;

    private final LoadedEncoder encoder;
    private final FrontEndConfig frontEnd;
    private final PreprocessorConfig preprocessor;

    private SpeechModel(
            LoadedEncoder encoder, FrontEndConfig frontEnd, PreprocessorConfig preprocessor) {
        this.encoder = encoder;
        this.frontEnd = frontEnd;
        this.preprocessor = preprocessor;
    }

    /**
     * Loads a checkpoint folder.
     *
     * @throws CheckpointException if the folder is not a speech checkpoint that can be used; the
     *     message names file, field, expected and found
     * @throws IllegalArgumentException if there is no backend of the name asked for
     * @throws IllegalStateException if the backend asked for can't run here
     */
    public static SpeechModel load(Path folder, ModelOptions options) {
        Backends.Selection selection = LoadedEncoder.select(options);
        ModelConfig config = LoadedEncoder.readConfig(folder);
        if (config.task() != Task.CTC) {
            throw new CheckpointException(
                    ModelConfig.FILE,
                    "task",
                    "\"" + Task.CTC.key() + "\" for speech",
                    "\"" + config.task().key() + "\"");
        }
        FrontEndConfig frontEnd = config.frontEnd().orElseThrow();
        PreprocessorConfig preprocessor =
                PreprocessorConfig.read(folder.resolve(PreprocessorConfig.FILE_NAME));
        requireFit(preprocessor, config, frontEnd);
        LoadedEncoder encoder = LoadedEncoder.load(folder, config, selection, options);
        return new SpeechModel(encoder, frontEnd, preprocessor);
    }

    private static void requireFit(
            PreprocessorConfig preprocessor, ModelConfig config, FrontEndConfig frontEnd) {
        requireEqual(
                "feature_size",
                "frontend.input_size",
                frontEnd.inputSize(),
                preprocessor.mel().bands());
        int stride = 1;
        for (ConvolutionConfig layer : frontEnd.layers()) {
            stride *= layer.stride();
        }
        requireEqual(
                "streaming.frames_per_step",
                "the product of frontend.layers' strides",
                stride,
                preprocessor.streaming().framesPerStep());
        if (preprocessor.streaming().windowFrames() > config.maxInputRows()) {
            throw new CheckpointException(
                    PreprocessorConfig.FILE_NAME,
                    "streaming.window_frames",
                    "at most %d, which max_position_embeddings %d and the widths of %s allow"
                            .formatted(
                                    config.maxInputRows(), config.maxPositions(), ModelConfig.FILE),
                    Integer.toString(preprocessor.streaming().windowFrames()));
        }
    }

    private static void requireEqual(String field, String other, int expected, int found) {
        if (expected != found) {
            throw new CheckpointException(
                    PreprocessorConfig.FILE_NAME,
                    field,
                    "%d, as %s of %s".formatted(expected, other, ModelConfig.FILE),
                    Integer.toString(found));
        }
    }

    /** What was loaded, and on what it runs. */
    public ModelInfo info() {
        return encoder.info();
    }

    /** Bytes that the model holds in a device's own memory now; 0 on a CPU. */
    public long deviceBytes() {
        return encoder.deviceBytes();
    }

    /** Everything between samples and features, as the checkpoint wants it. */
    public PreprocessorConfig preprocessor() {
        return preprocessor;
    }

    /** Names of the output's columns; column 0 is CTC's blank. */
    public List<String> labels() {
        return encoder.config().labels();
    }

    /** The same as decoders take them. */
    public CtcLabels ctcLabels() {
        return new CtcLabels(labels(), BLANK);
    }

    /** Columns of the output. */
    public int classes() {
        return labels().size();
    }

    /** Columns of a feature row: mel bands. */
    public int inputWidth() {
        return frontEnd.inputSize();
    }

    /** Longest window in frames. */
    public int maxRows() {
        return encoder.config().maxInputRows();
    }

    /** Steps that a window of {@code frames} comes out as. */
    public int outputRows(int frames) {
        return frontEnd.outputRows(frames);
    }

    /** Why {@link #infer} would refuse these features; empty if it takes them. */
    public Optional<String> problem(float[] features) {
        if (features.length % inputWidth() != 0) {
            return Optional.of(
                    "expected a multiple of %d values (mel bands), found %d"
                            .formatted(inputWidth(), features.length));
        }
        int frames = features.length / inputWidth();
        if (frames > maxRows()) {
            return Optional.of("expected at most %d frames, found %d".formatted(maxRows(), frames));
        }
        int bad = FiniteValues.firstOther(features);
        if (bad < features.length) {
            return Optional.of(
                    "expected finite features, found %s in frame %d"
                            .formatted(features[bad], bad / inputWidth()));
        }
        return Optional.empty();
    }

    /**
     * Runs a batch. A window's result doesn't depend on its company, to rounding.
     *
     * @param features one row-major {@code [frames, inputWidth]} per window; 0 frames are allowed
     * @return one row-major {@code [outputRows(frames), classes]} of log-probabilities per window,
     *     in the same order
     * @throws InvalidInputException if a window can't be taken, see {@link #problem}, or if its
     *     values are so large that its result isn't finite
     * @throws IllegalStateException if the model is closed
     */
    public List<float[]> infer(List<float[]> features) {
        int[] lengths = new int[features.size()];
        for (int i = 0; i < lengths.length; i++) {
            Optional<String> problem = problem(features.get(i));
            if (problem.isPresent()) {
                throw new InvalidInputException(i, problem.get());
            }
            lengths[i] = features.get(i).length / inputWidth();
        }
        RaggedBatch batch = RaggedBatch.ofLengths(lengths);
        float[] logProbs =
                batch.rows() == 0
                        ? new float[0]
                        : encoder.run(batch, new Input.FeatureSequences(features));
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = outputRows(lengths[i]) * classes();
        }
        return LoadedEncoder.split(logProbs, lengths);
    }

    /** Releases the backend; waits for a call in progress. */
    @Override
    public void close() {
        encoder.close();
    }
}
