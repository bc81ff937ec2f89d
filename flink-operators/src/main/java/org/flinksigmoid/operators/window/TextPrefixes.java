package org.flinksigmoid.operators.window;

import java.util.Arrays;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.Collector;
import org.flinksigmoid.operators.types.TextMessage;

/**
 * Each message's first characters at some lengths, then the whole message: scores of them say how
 * early a model is sure. Lengths count UTF-16 units; a surrogate pair is not cut in two. A length
 * that the text does not exceed is left out, so that nothing is scored twice. Key, id and time are
 * the message's; keeps no state.
 */
public final class TextPrefixes implements FlatMapFunction<TextMessage, TextMessage> {
    private static final long serialVersionUID = 1L;

    private final int[] lengths;

    private TextPrefixes(int[] lengths) {
        this.lengths = lengths;
    }

    /**
     * Prefixes of these lengths.
     *
     * @param lengths at least 1 each, in any order
     */
    public static TextPrefixes of(int... lengths) {
        int[] sorted = Arrays.stream(lengths).sorted().distinct().toArray();
        if (sorted.length > 0 && sorted[0] < 1) {
            throw new IllegalArgumentException(
                    "prefix length: expected 1 or more, found " + sorted[0]);
        }
        return new TextPrefixes(sorted);
    }

    /** Adds the operator to the stream. */
    public SingleOutputStreamOperator<TextMessage> apply(DataStream<TextMessage> messages) {
        return messages.flatMap(this).returns(TextMessage.class).name("text-prefixes");
    }

    @Override
    public void flatMap(TextMessage message, Collector<TextMessage> out) {
        String text = message.text();
        for (int length : lengths) {
            if (length < text.length()) {
                out.collect(TextJoiner.beginning(message, length));
            }
        }
        out.collect(message);
    }
}
