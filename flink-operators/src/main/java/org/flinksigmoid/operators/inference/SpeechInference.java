package org.flinksigmoid.operators.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.model.InvalidInputException;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.operators.device.GpuIndex;
import org.flinksigmoid.operators.metrics.ModelStatus;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.flinksigmoid.operators.types.WindowLogProbs;

/**
 * Log-probabilities of speech windows. Subtasks and jobs of a process share the model; tokens are
 * frames; a window without frames gets a result without steps and never meets the model.
 */
public final class SpeechInference implements InferenceFunction<FeatureWindow, WindowLogProbs> {
    private static final long serialVersionUID = 1L;

    private final String folder;
    private final ModelOptions options;
    private transient SharedModel<SpeechModel> model;

    /** Null, as are the labels, unless {@link #expecting} says what the model must have. */
    private PreprocessorConfig preprocessor;

    private CtcLabels labels;

    /**
     * @param folder checkpoint folder, readable on every TaskManager
     * @param options backend, threads, device and weights; the device gives way to Flink's GPU
     *     resources
     */
    public SpeechInference(String folder, ModelOptions options) {
        this.folder = Objects.requireNonNull(folder, "folder");
        this.options = Objects.requireNonNull(options, "options");
    }

    /**
     * What the pipeline around it was made for. A checkpoint in the folder that has others by the
     * time it is loaded fails the job (as a new one of {@link Models}, it is refused): its results
     * would be cut and spelled as those of another model.
     *
     * @param front what makes the windows
     * @param spelling what makes words of the results
     * @return this
     */
    public SpeechInference expecting(PreprocessorConfig front, CtcLabels spelling) {
        preprocessor = front;
        labels = spelling;
        return this;
    }

    @Override
    public void open(RuntimeContext context) throws Exception {
        model =
                SharedModel.speech(
                        folder, options, context.getExternalResourceInfos(GpuIndex.RESOURCE));
        SpeechModel loaded = model.get();
        if (labels != null
                && !(loaded.preprocessor().equals(preprocessor)
                        && loaded.ctcLabels().equals(labels))) {
            throw new IllegalStateException(
                    ("%s: expected the front end and the labels that were there when the job was"
                                    + " submitted, found others: put another model into another"
                                    + " folder, and submit the job for it")
                            .formatted(folder));
        }
    }

    @Override
    public long tokens(FeatureWindow window) {
        return window.frames();
    }

    @Override
    public List<WindowLogProbs> infer(List<FeatureWindow> batch) throws InvalidRecordException {
        SpeechModel loaded = model.get();
        List<float[]> features = new ArrayList<>(batch.size());
        List<Integer> positions = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            FeatureWindow window = batch.get(i);
            if (window.frames() > 0) {
                if (window.width() != loaded.inputWidth()) {
                    throw new InvalidRecordException(
                            i,
                            "window %d of %s: expected %d features per frame, found %d"
                                    .formatted(
                                            window.index(),
                                            window.streamId(),
                                            loaded.inputWidth(),
                                            window.width()));
                }
                features.add(window.features());
                positions.add(i);
            }
        }
        List<float[]> results = features.isEmpty() ? List.of() : run(loaded, features, positions);
        List<WindowLogProbs> logProbs = new ArrayList<>(batch.size());
        int next = 0;
        String version = loaded.info().version();
        for (FeatureWindow window : batch) {
            float[] result = window.frames() > 0 ? results.get(next++) : new float[0];
            logProbs.add(WindowLogProbs.of(window, loaded.classes(), result, version));
        }
        return logProbs;
    }

    private static List<float[]> run(
            SpeechModel model, List<float[]> features, List<Integer> positions)
            throws InvalidRecordException {
        try {
            return model.infer(features);
        } catch (InvalidInputException e) {
            throw new InvalidRecordException(positions.get(e.index()), e.getMessage(), e);
        }
    }

    @Override
    public ModelStatus status() {
        return model.status();
    }

    @Override
    public void close() {
        if (model != null) {
            model.close();
        }
    }
}
