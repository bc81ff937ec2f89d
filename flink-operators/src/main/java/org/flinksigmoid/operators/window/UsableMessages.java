package org.flinksigmoid.operators.window;

import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.TextMessage;

/**
 * Messages as windows can take them: of each the beginning, without those whose event time makes no
 * sense. Flink's windows fail on the earliest time there is, and put messages of the last ones
 * before all others.
 */
final class UsableMessages extends ProcessFunction<TextMessage, TextMessage> {
    private static final long serialVersionUID = 1L;

    private final int maxCharacters;

    UsableMessages(int maxCharacters) {
        this.maxCharacters = maxCharacters;
    }

    @Override
    public void processElement(TextMessage message, Context context, Collector<TextMessage> out) {
        long time = context.timestamp() == null ? Long.MIN_VALUE : context.timestamp();
        if (time == Long.MIN_VALUE && message.timestampMillis() != time) {
            throw new IllegalStateException(
                    "message %s of %s: expected an event time (assignTimestampsAndWatermarks), found none"
                            .formatted(message.id(), message.key()));
        }
        if (EventTime.makesSense(time)) {
            out.collect(TextJoiner.beginning(message, maxCharacters));
        } else {
            context.output(
                    TextWindows.REJECTED, new DeadLetter<>(message, EventTime.refusal(time), 1));
        }
    }
}
