package org.flinksigmoid.operators.window;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.flinksigmoid.operators.types.TextMessage;

/**
 * The messages of a window in order, without those at the beginning that its text has no room for:
 * a session that never ends must not fill the memory, nor cost more with each message.
 */
final class NewestMessages
        implements AggregateFunction<TextMessage, List<TextMessage>, List<TextMessage>> {
    private static final long serialVersionUID = 1L;

    /** Lines that come within a millisecond have numbers as ids: 9 is before 10. */
    private static final Comparator<TextMessage> BY_TIME =
            Comparator.comparingLong(TextMessage::timestampMillis)
                    .thenComparingInt(message -> message.id().length())
                    .thenComparing(TextMessage::id)
                    .thenComparing(TextMessage::text);

    private final String separator;
    private final int maxCharacters;

    NewestMessages(String separator, int maxCharacters) {
        this.separator = separator;
        this.maxCharacters = maxCharacters;
    }

    @Override
    public List<TextMessage> createAccumulator() {
        return new ArrayList<>();
    }

    @Override
    public List<TextMessage> add(TextMessage message, List<TextMessage> kept) {
        int at = kept.size();
        while (at > 0 && BY_TIME.compare(kept.get(at - 1), message) > 0) {
            at--;
        }
        kept.add(at, message);
        if (Integer.bitCount(kept.size()) == 1) { // all are looked at when there are twice as many
            forget(kept);
        }
        return kept;
    }

    @Override
    public List<TextMessage> merge(List<TextMessage> one, List<TextMessage> other) {
        List<TextMessage> all = new ArrayList<>(one);
        all.addAll(other);
        all.sort(BY_TIME);
        forget(all);
        return all;
    }

    @Override
    public List<TextMessage> getResult(List<TextMessage> kept) {
        return kept;
    }

    private void forget(List<TextMessage> messages) {
        messages.subList(0, first(messages, separator, maxCharacters)).clear();
        if (separator.isEmpty()) { // empty messages say nothing, but the newest has the id
            messages.subList(0, messages.size() - 1).removeIf(message -> message.text().isEmpty());
        }
    }

    /**
     * Position of the first message that the text's end reaches into; 0 if there is room for all.
     */
    static int first(List<TextMessage> ordered, String separator, int maxCharacters) {
        int first = ordered.size() - 1;
        long length = ordered.get(first).text().length();
        while (first > 0 && length < maxCharacters) {
            first--;
            length += separator.length() + ordered.get(first).text().length();
        }
        return first;
    }
}
