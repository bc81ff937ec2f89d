package org.flinksigmoid.operators.types;

import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * Text heard in a stream. A partial result ({@code isFinal == false}) is replaced by the next
 * result of its stream; a final one stands.
 *
 * @param streamId stream that was heard
 * @param text the text, empty if nothing was heard
 * @param isFinal whether later results leave this text alone
 * @param streamStartMillis event time at which the stream starts
 * @param startMillis event time at which the first word starts; without a word, the end of what was
 *     heard so far, with the silence that the model's front end puts behind a stream
 * @param endMillis event time at which the last word ends; without a word as {@code startMillis}
 * @param wordStartMillis start of each word of the text, event time
 * @param wordEndMillis end of each word of the text, event time
 * @param gapMillis missing audio, replaced by silence, since the previous final result
 * @param endOfStream whether this is the stream's last result
 */
@TypeInfo(TranscriptSerializer.TypeInfoFactory.class)
public record Transcript(
        String streamId,
        String text,
        boolean isFinal,
        long streamStartMillis,
        long startMillis,
        long endMillis,
        long[] wordStartMillis,
        long[] wordEndMillis,
        long gapMillis,
        boolean endOfStream) {
    /** Checks the fields. */
    public Transcript {
        Checks.notNull("Transcript.streamId", streamId);
        Checks.notNull("Transcript.text", text);
        Checks.notNull("Transcript.wordStartMillis", wordStartMillis);
        Checks.notNull("Transcript.wordEndMillis", wordEndMillis);
        Checks.notNegative("Transcript.gapMillis", gapMillis);
        if (wordStartMillis.length != wordEndMillis.length) {
            throw new IllegalArgumentException(
                    "Transcript: expected as many word ends as starts, found %d and %d"
                            .formatted(wordEndMillis.length, wordStartMillis.length));
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Transcript that
                && streamId.equals(that.streamId)
                && text.equals(that.text)
                && isFinal == that.isFinal
                && streamStartMillis == that.streamStartMillis
                && startMillis == that.startMillis
                && endMillis == that.endMillis
                && Arrays.equals(wordStartMillis, that.wordStartMillis)
                && Arrays.equals(wordEndMillis, that.wordEndMillis)
                && gapMillis == that.gapMillis
                && endOfStream == that.endOfStream;
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                streamId,
                text,
                isFinal,
                streamStartMillis,
                startMillis,
                endMillis,
                Arrays.hashCode(wordStartMillis),
                Arrays.hashCode(wordEndMillis),
                gapMillis,
                endOfStream);
    }

    @Override
    public String toString() {
        return "Transcript["
                + "streamId="
                + streamId
                + ", text="
                + text
                + ", isFinal="
                + isFinal
                + ", streamStartMillis="
                + streamStartMillis
                + ", startMillis="
                + startMillis
                + ", endMillis="
                + endMillis
                + ", wordStartMillis="
                + Arrays.toString(wordStartMillis)
                + ", wordEndMillis="
                + Arrays.toString(wordEndMillis)
                + ", gapMillis="
                + gapMillis
                + ", endOfStream="
                + endOfStream
                + "]";
    }
}
