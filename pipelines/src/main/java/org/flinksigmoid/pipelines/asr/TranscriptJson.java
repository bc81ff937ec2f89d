package org.flinksigmoid.pipelines.asr;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.flinksigmoid.operators.types.Transcript;

/** A transcript as one line of JSON; times in milliseconds from the stream's beginning. */
public final class TranscriptJson {
    private TranscriptJson() {}

    /** One line, without its end. */
    public static String line(Transcript transcript) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        long start = transcript.streamStartMillis();
        object.put("stream", transcript.streamId())
                .put("text", transcript.text())
                .put("final", transcript.isFinal())
                .put("end_of_stream", transcript.endOfStream())
                .put("stream_start_ms", start)
                .put("start_ms", transcript.startMillis() - start)
                .put("end_ms", transcript.endMillis() - start)
                .put("gap_ms", transcript.gapMillis());
        ArrayNode words = object.putArray("words_ms");
        for (int i = 0; i < transcript.wordStartMillis().length; i++) {
            words.addArray()
                    .add(transcript.wordStartMillis()[i] - start)
                    .add(transcript.wordEndMillis()[i] - start);
        }
        return object.toString();
    }
}
