package org.flinksigmoid.operators.window;

import java.util.List;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.flinksigmoid.operators.types.TextMessage;

/** The messages of a window as one: see {@link TextWindows}. */
final class TextJoiner
        extends ProcessWindowFunction<List<TextMessage>, TextMessage, String, TimeWindow> {
    private static final long serialVersionUID = 1L;

    private final String separator;
    private final int maxCharacters;

    TextJoiner(String separator, int maxCharacters) {
        this.separator = separator;
        this.maxCharacters = maxCharacters;
    }

    @Override
    public void process(
            String key,
            Context context,
            Iterable<List<TextMessage>> newest,
            Collector<TextMessage> out) {
        List<TextMessage> ordered = newest.iterator().next();
        out.collect(
                new TextMessage(
                        key,
                        ordered.getLast().id(),
                        join(ordered),
                        context.window().maxTimestamp()));
    }

    /** The end of the joined text; only as many messages as it needs are looked at. */
    String join(List<TextMessage> ordered) {
        int first = NewestMessages.first(ordered, separator, maxCharacters);
        StringBuilder text = new StringBuilder();
        for (TextMessage message : ordered.subList(first, ordered.size())) {
            text.append(text.isEmpty() && message == ordered.get(first) ? "" : separator)
                    .append(message.text());
        }
        int from = Math.max(0, text.length() - maxCharacters);
        if (from > 0 && Character.isLowSurrogate(text.charAt(from))) {
            from++;
        }
        return text.substring(from);
    }

    /** The message with no more than so many characters; no surrogate pair is cut in two. */
    static TextMessage beginning(TextMessage message, int maxCharacters) {
        String text = message.text();
        if (text.length() <= maxCharacters) {
            return message;
        }
        return new TextMessage(
                message.key(),
                message.id(),
                beginning(text, maxCharacters),
                message.timestampMillis());
    }

    /** The text's first characters; no surrogate pair is cut in two. */
    static String beginning(String text, int maxCharacters) {
        if (text.length() <= maxCharacters) {
            return text;
        }
        boolean splits =
                Character.isHighSurrogate(text.charAt(maxCharacters - 1))
                        && Character.isLowSurrogate(text.charAt(maxCharacters));
        return text.substring(0, splits ? maxCharacters - 1 : maxCharacters);
    }
}
