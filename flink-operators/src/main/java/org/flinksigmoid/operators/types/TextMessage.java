package org.flinksigmoid.operators.types;

import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A short text to score.
 *
 * @param key what the text belongs to, such as a user or a conversation
 * @param id names the message, may be empty
 * @param text any string, empty ones and broken Unicode included
 * @param timestampMillis event time, milliseconds since the epoch
 */
@TypeInfo(TextMessageSerializer.TypeInfoFactory.class)
public record TextMessage(String key, String id, String text, long timestampMillis) {
    /** Checks the fields. */
    public TextMessage {
        Checks.notNull("TextMessage.key", key);
        Checks.notNull("TextMessage.id", id);
        Checks.notNull("TextMessage.text", text);
    }
}
