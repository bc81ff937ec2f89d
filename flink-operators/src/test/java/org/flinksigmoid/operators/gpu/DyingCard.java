package org.flinksigmoid.operators.gpu;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/**
 * A text model on a card that dies: while the batch with one certain message is about to run, a
 * kernel of somebody else in the same context goes wild.
 */
final class DyingCard extends WatchedTexts {
    private static final long serialVersionUID = 1L;

    /** Calls that the card has answered, of all subtasks. */
    static final AtomicInteger ANSWERED = new AtomicInteger();

    private final String fatal;

    /**
     * @param fatal id of the message
     */
    DyingCard(TextInference<TextMessage, Score> model, String fatal) {
        super(model);
        this.fatal = fatal;
    }

    @Override
    public List<Score> infer(List<TextMessage> batch) throws Exception {
        List<Score> scores = super.infer(batch);
        if (batch.stream().anyMatch(message -> message.id().equals(fatal))) {
            Driver.ruinContext();
            scores = super.infer(batch);
        }
        ANSWERED.incrementAndGet();
        return scores;
    }
}
