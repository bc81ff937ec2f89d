package org.flinksigmoid.kernels.audio;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A WAV file or stream read forward: RIFF with 16-bit PCM, plain or WAVE_FORMAT_EXTENSIBLE, one
 * channel of it.
 *
 * <p>A data chunk whose size is open is read to the end of the stream: 0x7ffff000 bytes or more, as
 * programs that write to a pipe leave it, or 0 where the size of the whole has no room for samples
 * either, as in the file of a recorder that was killed. One that says more than there is means a
 * file cut short: refused with both sizes, by a stream behind its whole samples. Silence and
 * clipped samples are audio like any other.
 */
public final class WavReader implements PcmReader {
    /** No channel chosen: a file with several is refused. */
    public static final int MONO_ONLY = -1;

    /** More channels than this are taken for a broken header. */
    public static final int MAX_CHANNELS = 64;

    /** Nothing is heard at a lower rate, and one sample would become many. */
    public static final int MIN_SAMPLE_RATE = 1000;

    /** A higher rate is taken for a broken header. */
    public static final int MAX_SAMPLE_RATE = 384_000;

    private final InputStream in;
    private final String name;
    private final WavHeader header;
    private final PcmFrames frames;

    private WavReader(InputStream in, String name, WavHeader header, int channel) {
        this.in = in;
        this.name = name;
        this.header = header;
        this.frames =
                new PcmFrames(
                        in,
                        header.channels(),
                        Math.max(channel, 0),
                        header.dataBytes() == WavHeader.UNKNOWN_SIZE
                                ? Long.MAX_VALUE
                                : header.dataBytes());
    }

    /**
     * Opens a file; its size is checked against the header at once.
     *
     * @param channel the channel to read, counted from 0, or {@link #MONO_ONLY}
     * @throws AudioFormatException if it is not such a WAV file, naming field, expected and found
     */
    public static WavReader open(Path file, int channel) throws IOException {
        String name = file.toString();
        InputStream in = new BufferedInputStream(Files.newInputStream(file));
        try {
            WavReader reader = open(in, name, channel);
            WavHeader header = reader.header;
            long there = Files.size(file) - header.dataOffset();
            if (header.dataBytes() > there) {
                throw cutShort(name, header.dataBytes(), there);
            }
            return reader;
        } catch (IOException | RuntimeException broken) {
            in.close();
            throw broken;
        }
    }

    /**
     * Reads the header from a stream, which the reader owns once this returns.
     *
     * @param name how errors call the stream
     * @param channel the channel to read, counted from 0, or {@link #MONO_ONLY}
     * @throws AudioFormatException if it does not begin as such a WAV file
     */
    public static WavReader open(InputStream in, String name, int channel) throws IOException {
        WavHeader header = WavHeader.read(in, name);
        if (channel < 0 && header.channels() > 1) {
            throw new AudioFormatException(
                    name, "channels", "1", header.channels() + "; choose one, counted from 0");
        }
        if (channel >= header.channels()) {
            throw new AudioFormatException(
                    name, "channel", "0 to " + (header.channels() - 1), channel);
        }
        if (header.dataBytes() == 0) {
            throw noSamples(name);
        }
        int frameBytes = 2 * header.channels();
        if (header.dataBytes() > 0 && header.dataBytes() % frameBytes != 0) {
            throw new AudioFormatException(
                    name,
                    "data chunk",
                    "a multiple of %d bytes".formatted(frameBytes),
                    header.dataBytes() + " bytes");
        }
        return new WavReader(in, name, header, channel);
    }

    @Override
    public int sampleRate() {
        return header.sampleRate();
    }

    /** Channels in the file, of which one is read. */
    public int channels() {
        return header.channels();
    }

    @Override
    public int read(short[] target, int offset, int count) throws IOException {
        int n = frames.read(target, offset, count);
        if (n >= 0) {
            return n;
        }
        if (frames.bytesRead() == 0 && header.dataBytes() == WavHeader.UNKNOWN_SIZE) {
            throw noSamples(name);
        }
        if (header.dataBytes() != WavHeader.UNKNOWN_SIZE && frames.bytesLeft() > 0) {
            throw cutShort(name, header.dataBytes(), frames.bytesRead());
        }
        if (frames.strayBytes() > 0) {
            throw new AudioFormatException(
                    name,
                    "data chunk",
                    "a multiple of %d bytes".formatted(2 * header.channels()),
                    frames.bytesRead() + " bytes");
        }
        return n;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private static AudioFormatException noSamples(String name) {
        return new AudioFormatException(name, "data chunk", "at least one sample", "0 bytes");
    }

    private static AudioFormatException cutShort(String name, long expected, long found) {
        return new AudioFormatException(
                name, "data chunk", expected + " bytes", found + " bytes: the file is cut short");
    }
}
