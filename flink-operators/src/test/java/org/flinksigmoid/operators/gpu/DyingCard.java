package org.flinksigmoid.operators.gpu;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.flinksigmoid.operators.inference.InferenceFunction;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.metrics.ModelStatus;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/**
 * A text model on a card that dies: while the batch with one certain message is about to run, a
 * kernel of somebody else in the same context goes wild.
 */
final class DyingCard implements InferenceFunction<TextMessage, Score> {
    private static final long serialVersionUID = 1L;

    /** Calls that the card has answered, of all subtasks. */
    static final AtomicInteger ANSWERED = new AtomicInteger();

    private final TextInference<TextMessage, Score> model;
    private final String fatal;

    /**
     * @param fatal id of the message
     */
    DyingCard(TextInference<TextMessage, Score> model, String fatal) {
        this.model = model;
        this.fatal = fatal;
    }

    @Override
    public void open(RuntimeContext context) throws Exception {
        model.open(context);
    }

    @Override
    public List<Score> infer(List<TextMessage> batch) throws Exception {
        List<Score> scores = model.infer(batch);
        if (batch.stream().anyMatch(message -> message.id().equals(fatal))) {
            Driver.ruinContext();
            scores = model.infer(batch);
        }
        ANSWERED.incrementAndGet();
        return scores;
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
