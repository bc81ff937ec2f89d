package org.flinksigmoid.pipelines.source;

import java.util.List;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * How far one reading of a stream has come, or event time in a reader.
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

    private static final int SPLIT_IDS = 64;

    /** Position of what is no stream. */
    private static final long CLOCK = -1;

    /** A reading that has yet to begin. */
    static StreamSplit of(StreamInput input, int round) {
        return new StreamSplit(input, round, 0, NOT_STARTED);
    }

    /** No stream: how far event time has come in a reader, which is part of its state. */
    static StreamSplit clock(long millis) {
        return new StreamSplit(
                new StreamInput("event time", List.of("event time")), 0, CLOCK, millis);
    }

    /** Whether it is a {@link #clock}. */
    boolean isClock() {
        return position == CLOCK;
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

    /**
     * Unlike a stream's, an id that comes back after {@value #SPLIT_IDS} rounds: Flink keeps a
     * metric group for every id that it has seen, which a loop would let grow for ever. Readings
     * that are open side by side are never that many rounds apart.
     */
    @Override
    public String splitId() {
        return input.id() + "#" + (round % SPLIT_IDS + 1);
    }
}
