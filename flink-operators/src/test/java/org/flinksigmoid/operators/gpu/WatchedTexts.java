package org.flinksigmoid.operators.gpu;

import java.util.List;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.flinksigmoid.operators.inference.InferenceFunction;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.metrics.ModelStatus;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/** A text model whose calls a test has something to do with. */
abstract class WatchedTexts implements InferenceFunction<TextMessage, Score> {
    private static final long serialVersionUID = 1L;

    private final TextInference<TextMessage, Score> model;

    WatchedTexts(TextInference<TextMessage, Score> model) {
        this.model = model;
    }

    @Override
    public void open(RuntimeContext context) throws Exception {
        model.open(context);
    }

    /** The model's answer; overridden with what happens around it. */
    @Override
    public List<Score> infer(List<TextMessage> batch) throws Exception {
        return model.infer(batch);
    }

    @Override
    public long tokens(TextMessage message) {
        return model.tokens(message);
    }

    @Override
    public ModelStatus status() {
        return model.status();
    }

    @Override
    public void close() {
        model.close();
    }
}
