package org.flinksigmoid.pipelines.source;

import org.apache.flink.api.connector.source.SourceSplit;

/**
 * How far one reading of a stream has come.
 *
 * @param input what is read
 * @param round 0, then one more each time the inputs are read again
 * @param position records handed on so far
 * @param startMillis event time of the stream's beginning; {@link #NOT_STARTED} before that
 */
public record StreamSplit(StreamInput input, int round, long position, long startMillis)
        implements SourceSplit {
    /** The reader chooses the start. */
    public static final long NOT_STARTED = Long.MIN_VALUE;

    /** A reading that has yet to begin. */
    static StreamSplit of(StreamInput input, int round) {
        return new StreamSplit(input, round, 0, NOT_STARTED);
    }

    StreamSplit startedAt(long millis) {
        return new StreamSplit(input, round, position, millis);
    }

    StreamSplit advancedTo(long newPosition) {
        return new StreamSplit(input, round, newPosition, startMillis);
    }

    /** The id of this reading's stream: two rounds are two streams. */
    public String streamId() {
        return round == 0 ? input.id() : input.id() + "#" + (round + 1);
    }

    @Override
    public String splitId() {
        return streamId();
    }
}
