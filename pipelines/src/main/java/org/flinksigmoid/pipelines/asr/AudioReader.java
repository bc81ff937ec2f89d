package org.flinksigmoid.pipelines.asr;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.flink.types.Either;
import org.flinksigmoid.kernels.audio.AudioFormatException;
import org.flinksigmoid.kernels.audio.PcmReader;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.InputFolder;
import org.flinksigmoid.pipelines.source.RecordReader;
import org.flinksigmoid.pipelines.source.StreamInput;
import org.flinksigmoid.pipelines.source.StreamSplit;

/**
 * The parts of one stream as chunks of equal length, the last one shorter (or empty) and marked.
 * Where the audio breaks off, what came before it is ended properly, so that it is transcribed. A
 * stream's clock is its samples; it is put forward where others that play beside it have gone on.
 */
final class AudioReader implements RecordReader<AudioChunk> {
    /** So far may a stream that has begun fall behind the others: less than ends an utterance. */
    private static final long MAX_LAG_MILLIS = 5000;

    private final AudioFormat format;
    private final LongSupplier eventTime;
    private final String streamId;
    private final StreamInput input;
    private final Deque<String> parts;
    private final int sampleRate;
    private final int chunkSamples;
    private PcmReader part;
    private long startMillis;
    private long silenceLeft;
    private long sequence;
    private long samplesRead;

    /** Why the audio breaks off; null as long as it doesn't. */
    private String reason;

    private boolean told;
    private boolean ended;

    /**
     * @param eventTime how far event time has come in streams that play beside this one
     */
    AudioReader(AudioFormat format, StreamSplit split, LongSupplier eventTime) throws IOException {
        this.format = format;
        this.eventTime = eventTime;
        this.streamId = split.streamId();
        this.input = split.input();
        this.parts = new ArrayDeque<>(input.parts());
        openNextPart();
        if (part == null) {
            throw new AudioFormatException(streamId, "parts", "audio", "nothing but silence");
        }
        this.sampleRate = part.sampleRate();
        this.chunkSamples = (int) Math.max(1, (long) sampleRate * format.chunkMillis() / 1000);
        boolean goesOn = format.isLive(split.input()) && split.position() > 0;
        this.sequence = goesOn ? split.position() : 0;
        this.startMillis = split.startMillis() + sequence * format.chunkMillis();
    }

    @Override
    public Optional<Item<AudioChunk>> next() {
        if (ended) {
            return Optional.empty();
        }
        if (reason == null) {
            short[] samples = new short[chunkSamples];
            int filled = fill(samples);
            if (reason == null || filled > 0) {
                ended = reason == null && filled < chunkSamples;
                return Optional.of(chunk(samples, filled));
            }
        }
        if (!told) {
            told = true;
            Either<AudioChunk, BadInput> bad = Either.Right(new BadInput(streamId, reason));
            return Optional.of(new Item<>(bad, eventMillis(), eventMillis()));
        }
        ended = true;
        return sequence == 0 ? Optional.empty() : Optional.of(chunk(new short[0], 0));
    }

    private Item<AudioChunk> chunk(short[] samples, int filled) {
        catchUp();
        long timestamp = eventMillis();
        short[] own = filled == samples.length ? samples : Arrays.copyOf(samples, filled);
        AudioChunk chunk = new AudioChunk(streamId, sequence, timestamp, sampleRate, own, ended);
        sequence++;
        samplesRead += filled;
        return new Item<>(Either.Left(chunk), timestamp, eventMillis());
    }

    private void catchUp() {
        long behind = eventMillis() + (samplesRead == 0 ? 0 : MAX_LAG_MILLIS);
        long others = eventTime.getAsLong();
        if (others > behind) {
            startMillis += others - eventMillis();
        }
    }

    private long eventMillis() {
        return startMillis + samplesRead * 1000 / sampleRate;
    }

    /**
     * Samples put into the array; fewer than fit only at the end, or where the audio breaks off.
     */
    private int fill(short[] samples) {
        int filled = 0;
        try {
            while (filled < samples.length) {
                if (silenceLeft > 0) {
                    int silent = (int) Math.min(silenceLeft, samples.length - filled);
                    filled += silent; // a new array is silent
                    silenceLeft -= silent;
                } else if (part != null) {
                    int n = part.read(samples, filled, samples.length - filled);
                    if (n < 0) {
                        closePart();
                    } else {
                        filled += n;
                    }
                } else if (parts.isEmpty()) {
                    break;
                } else {
                    openNextPart();
                }
            }
        } catch (IOException e) {
            InputFolder.requireOf(input, e);
            reason = String.valueOf(e.getMessage());
        }
        return filled;
    }

    private void openNextPart() throws IOException {
        while (part == null && !parts.isEmpty()) {
            String next = parts.remove();
            if (next.startsWith(AudioFormat.SILENCE)) {
                silenceLeft += Long.parseLong(next.substring(AudioFormat.SILENCE.length()));
            } else {
                part = format.openPart(next);
            }
        }
        if (part != null && sampleRate > 0 && part.sampleRate() != sampleRate) {
            throw new AudioFormatException(
                    streamId,
                    "sample rate",
                    sampleRate + " Hz as in the parts before",
                    part.sampleRate() + " Hz");
        }
    }

    private void closePart() throws IOException {
        part.close();
        part = null;
    }

    @Override
    public void close() throws IOException {
        if (part != null) {
            closePart();
        }
    }
}
