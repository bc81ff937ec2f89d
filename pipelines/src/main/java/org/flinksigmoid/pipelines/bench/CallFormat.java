package org.flinksigmoid.pipelines.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.flink.types.Either;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.pipelines.source.RecordFormat;
import org.flinksigmoid.pipelines.source.RecordReader;
import org.flinksigmoid.pipelines.source.StreamInput;
import org.flinksigmoid.pipelines.source.StreamSplit;

/**
 * Callers who talk all the time: each hands in 40 ms of 16-bit audio every 40 ms, as soon as it has
 * been spoken. Event time is the wall clock's. Callers begin spread over one window's hop, so that
 * windows come evenly, and all end together.
 *
 * @param clock says when the first callers begin
 * @param joining callers that begin in each stage, those of the stages before stay
 * @param stageMillis length of a stage
 * @param hopMillis time from one window to the next
 * @param sampleRate of the audio
 */
record CallFormat(CallClock clock, int[] joining, long stageMillis, long hopMillis, int sampleRate)
        implements RecordFormat<AudioChunk> {
    static final int CHUNK_MILLIS = 40;

    private static final long TAIL_MILLIS = 2000;

    /** Spreads callers evenly over a hop, neighbours far apart. */
    private static final double GOLDEN = 0.6180339887498949;

    private static final int RECORDING_SECONDS = 10;

    /** One stream a caller, in the order in which they begin. */
    List<StreamInput> inputs() {
        List<StreamInput> inputs = new ArrayList<>();
        for (int stage = 0; stage < joining.length; stage++) {
            for (int i = 0; i < joining[stage]; i++) {
                int caller = inputs.size();
                double spread = GOLDEN * caller % 1;
                long begin = stage * stageMillis + (long) (hopMillis * spread);
                inputs.add(new StreamInput("call" + caller, List.of(Long.toString(begin))));
            }
        }
        return inputs;
    }

    /** When all calls end, counted from the beginning: some time after the last stage. */
    long endMillis() {
        return joining.length * stageMillis + TAIL_MILLIS;
    }

    /** Chunks that a caller hands in. */
    long chunks(StreamInput caller) {
        return (endMillis() - begin(caller)) / CHUNK_MILLIS;
    }

    /** Counted from the beginning of the first. */
    private static long begin(StreamInput caller) {
        return Long.parseLong(caller.parts().getFirst());
    }

    @Override
    public RecordReader<AudioChunk> open(StreamSplit split) {
        return new Caller(this, split.streamId(), split.input());
    }

    @Override
    public boolean isLive(StreamInput input) {
        return false;
    }

    private static final class Caller implements RecordReader<AudioChunk> {
        private final String streamId;
        private final long begin;
        private final long chunks;
        private final int sampleRate;
        private final short[] recording;
        private int at;
        private long next;

        Caller(CallFormat format, String streamId, StreamInput input) {
            this.streamId = streamId;
            this.begin = format.clock().start() + begin(input);
            this.chunks = format.chunks(input);
            this.sampleRate = format.sampleRate();
            this.recording = Recording.of(sampleRate);
            int chunk = chunkSamples();
            this.at = Math.floorMod(streamId.hashCode(), recording.length / chunk) * chunk;
        }

        private int chunkSamples() {
            return sampleRate * CHUNK_MILLIS / 1000;
        }

        @Override
        public Optional<Item<AudioChunk>> next() {
            if (next == chunks) {
                return Optional.empty();
            }
            int count = chunkSamples();
            short[] samples = Arrays.copyOfRange(recording, at, at + count);
            at = (at + count) % recording.length;
            long time = begin + next * CHUNK_MILLIS;
            boolean last = next == chunks - 1;
            AudioChunk chunk = new AudioChunk(streamId, next, time, sampleRate, samples, last);
            next++;
            return Optional.of(new Item<>(Either.Left(chunk), time, time + CHUNK_MILLIS));
        }

        @Override
        public void close() {}
    }

    /** What all callers say, each from another place on. */
    private record Recording(short[] samples) {
        private static Recording last = new Recording(new short[0]);

        static synchronized short[] of(int sampleRate) {
            int samples = sampleRate * RECORDING_SECONDS;
            if (last.samples().length != samples) {
                last = new Recording(SpeechLike.audio(samples));
            }
            return last.samples();
        }
    }
}
