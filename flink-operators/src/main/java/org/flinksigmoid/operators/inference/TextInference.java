package org.flinksigmoid.operators.inference;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.flinksigmoid.kernels.checkpoint.Task;
import org.flinksigmoid.kernels.model.InvalidInputException;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.TextModel;
import org.flinksigmoid.operators.device.GpuIndex;
import org.flinksigmoid.operators.metrics.ModelStatus;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/**
 * Classes, scores or embeddings of texts. Subtasks and jobs of a process share the model. Texts are
 * cut at the model's maximum; tokens are estimated by the text's length.
 *
 * @param <I> record with a text
 * @param <O> result
 */
public final class TextInference<I, O> implements InferenceFunction<I, O> {
    private static final long serialVersionUID = 1L;

    private final String folder;
    private final ModelOptions options;
    private final TextOf<I> text;
    private final ResultOf<I, O> result;
    private transient SharedModel<TextModel> model;

    /**
     * Finds the text of a record; one where it is null, or finding it fails, can't be processed.
     */
    public interface TextOf<I> extends Function<I, String>, Serializable {}

    /** Makes the result from the record and what the model said. */
    public interface ResultOf<I, O> extends BiFunction<I, TextPrediction, O>, Serializable {}

    /**
     * @param folder checkpoint folder, readable on every TaskManager
     * @param options backend, threads, device and weights; the device gives way to Flink's GPU
     *     resources
     * @param text finds the text of a record
     * @param result makes the result
     */
    public TextInference(
            String folder, ModelOptions options, TextOf<I> text, ResultOf<I, O> result) {
        this.folder = Objects.requireNonNull(folder, "folder");
        this.options = Objects.requireNonNull(options, "options");
        this.text = Objects.requireNonNull(text, "text");
        this.result = Objects.requireNonNull(result, "result");
    }

    /** Scores of messages. */
    public static TextInference<TextMessage, Score> messages(String folder, ModelOptions options) {
        return new TextInference<>(folder, options, TextMessage::text, TextInference::score);
    }

    private static Score score(TextMessage message, TextPrediction prediction) {
        return new Score(
                message.key(),
                message.id(),
                prediction.label(),
                prediction.score(),
                prediction.scores(),
                message.text().length(),
                message.timestampMillis(),
                prediction.modelVersion());
    }

    @Override
    public void open(RuntimeContext context) throws Exception {
        model =
                SharedModel.text(
                        folder, options, context.getExternalResourceInfos(GpuIndex.RESOURCE));
    }

    @Override
    public long tokens(I record) {
        int length = text.apply(record).length();
        int longest = model == null ? Integer.MAX_VALUE : model.get().maxRows();
        return Math.max(1, Math.min(length, longest));
    }

    @Override
    public List<O> infer(List<I> batch) throws InvalidRecordException {
        TextModel loaded = model.get();
        List<int[]> tokens = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            tokens.add(loaded.encode(text(batch, i)));
        }
        List<float[]> outputs;
        try {
            outputs = loaded.infer(tokens);
        } catch (InvalidInputException e) {
            throw new InvalidRecordException(e.index(), e.getMessage(), e);
        }
        List<O> results = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            results.add(result.apply(batch.get(i), prediction(loaded, outputs.get(i))));
        }
        return results;
    }

    private String text(List<I> batch, int index) throws InvalidRecordException {
        String found;
        try {
            found = text.apply(batch.get(index));
        } catch (RuntimeException e) { // the record's fault, so no other is called again for it
            throw new InvalidRecordException(index, "text: expected a value, found a failure", e);
        }
        if (found == null) {
            throw new InvalidRecordException(index, "text: expected a value, found null");
        }
        return found;
    }

    private static TextPrediction prediction(TextModel model, float[] output) {
        String version = model.info().version();
        if (model.task() == Task.EMBEDDING) {
            return new TextPrediction("", 0, List.of(), output, version);
        }
        int best = TextModel.best(output);
        List<String> labels = model.labels();
        String label = best < labels.size() ? labels.get(best) : "";
        return new TextPrediction(label, output[best], labels, output, version);
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
