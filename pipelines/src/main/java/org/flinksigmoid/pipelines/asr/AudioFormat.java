package org.flinksigmoid.pipelines.asr;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import org.flinksigmoid.kernels.audio.AudioFormatException;
import org.flinksigmoid.kernels.audio.PcmReader;
import org.flinksigmoid.kernels.audio.RawPcmReader;
import org.flinksigmoid.kernels.audio.WavReader;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.pipelines.source.LiveInput;
import org.flinksigmoid.pipelines.source.RecordFormat;
import org.flinksigmoid.pipelines.source.RecordReader;
import org.flinksigmoid.pipelines.source.StreamInput;
import org.flinksigmoid.pipelines.source.StreamSplit;
import org.flinksigmoid.pipelines.source.WholeFile;

/**
 * Audio as chunks. A part of a stream is a WAV file, a file of raw 16-bit little-endian PCM ({@code
 * .raw}, {@code .pcm}, {@code .s16}), raw PCM on standard input ({@code -}) or from a socket
 * ({@code tcp://host:port}), or {@code silence:SAMPLES}.
 *
 * @param chunkMillis length of a chunk
 * @param channel the channel to read, counted from 0; {@link WavReader#MONO_ONLY}: refuse audio
 *     with several
 * @param rawSampleRate samples per second of raw PCM
 * @param rawChannels channels of raw PCM
 */
public record AudioFormat(int chunkMillis, int channel, int rawSampleRate, int rawChannels)
        implements RecordFormat<AudioChunk> {
    /** Longest chunk in milliseconds. */
    public static final int MOST_CHUNK_MILLIS = 10_000;

    /** Begins a part that is silence; its samples follow, at the rate of the audio around it. */
    public static final String SILENCE = "silence:";

    /** Mono at 8 kHz where the audio does not say otherwise, in chunks of 100 ms. */
    public static final AudioFormat DEFAULT = new AudioFormat(100, WavReader.MONO_ONLY, 8000, 1);

    private static final Set<String> RAW_SUFFIXES = Set.of(".raw", ".pcm", ".s16");

    /** Checks the numbers. */
    public AudioFormat {
        if (chunkMillis < 1 || chunkMillis > MOST_CHUNK_MILLIS) {
            throw new IllegalArgumentException(
                    "chunk: expected 1 to %d ms, found %d"
                            .formatted(MOST_CHUNK_MILLIS, chunkMillis));
        }
        if (rawSampleRate < WavReader.MIN_SAMPLE_RATE
                || rawSampleRate > WavReader.MAX_SAMPLE_RATE) {
            throw new IllegalArgumentException(
                    "sample rate: expected %d to %d Hz, found %d Hz"
                            .formatted(
                                    WavReader.MIN_SAMPLE_RATE,
                                    WavReader.MAX_SAMPLE_RATE,
                                    rawSampleRate));
        }
        if (rawChannels < 1 || rawChannels > WavReader.MAX_CHANNELS) {
            throw new IllegalArgumentException(
                    "channels: expected 1 to %d, found %d"
                            .formatted(WavReader.MAX_CHANNELS, rawChannels));
        }
        if (channel < WavReader.MONO_ONLY) {
            throw new IllegalArgumentException("channel: expected >= 0, found " + channel);
        }
    }

    @Override
    public RecordReader<AudioChunk> open(StreamSplit split) throws IOException {
        return new AudioReader(this, split, () -> Long.MIN_VALUE);
    }

    @Override
    public RecordReader<AudioChunk> openLive(StreamSplit split, LongSupplier eventTime)
            throws IOException {
        return new AudioReader(this, split, eventTime);
    }

    @Override
    public boolean isLive(StreamInput input) {
        return input.parts().stream().anyMatch(LiveInput::is);
    }

    /** Whether a file of that name is read as audio. */
    public static boolean isAudioFile(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".wav") || RAW_SUFFIXES.stream().anyMatch(name::endsWith);
    }

    /** Opens one part that is not silence. */
    PcmReader openPart(String part) throws IOException {
        if (LiveInput.is(part)) {
            return raw(LiveInput.open(part), LiveInput.id(part));
        }
        Path file = Path.of(part);
        if (Files.exists(file) && !Files.isRegularFile(file)) { // a pipe could block for ever
            throw new IOException(part + ": expected an audio file, found what is no file");
        }
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (RAW_SUFFIXES.stream().anyMatch(name::endsWith)) {
            return raw(WholeFile.open(file), part);
        }
        return WavReader.open(file, channel);
    }

    private PcmReader raw(InputStream in, String name) throws IOException {
        if (channel >= rawChannels) {
            in.close();
            throw new AudioFormatException(name, "channel", "0 to " + (rawChannels - 1), channel);
        }
        return new RawPcmReader(in, name, rawSampleRate, rawChannels, Math.max(channel, 0));
    }
}
