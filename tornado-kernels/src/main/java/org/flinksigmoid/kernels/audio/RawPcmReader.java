package org.flinksigmoid.kernels.audio;

import java.io.IOException;
import java.io.InputStream;

/** Headerless 16-bit little-endian PCM, interleaved if it has several channels. */
public final class RawPcmReader implements PcmReader {
    private final InputStream in;
    private final String name;
    private final int sampleRate;
    private final int channels;
    private final PcmFrames frames;

    /**
     * @param name how errors call the stream
     * @param sampleRate samples per second and channel
     * @param channels channels in the stream
     * @param channel the one to read, counted from 0
     * @throws IllegalArgumentException if the rate or the channels make no sense
     */
    public RawPcmReader(InputStream in, String name, int sampleRate, int channels, int channel) {
        if (sampleRate < 1) {
            throw new IllegalArgumentException(
                    "%s: sample rate: expected >= 1, found %d".formatted(name, sampleRate));
        }
        if (channels < 1 || channels > WavReader.MAX_CHANNELS) {
            throw new IllegalArgumentException(
                    "%s: channels: expected 1 to %d, found %d"
                            .formatted(name, WavReader.MAX_CHANNELS, channels));
        }
        if (channel < 0 || channel >= channels) {
            throw new IllegalArgumentException(
                    "%s: channel: expected 0 to %d, found %d"
                            .formatted(name, channels - 1, channel));
        }
        this.in = in;
        this.name = name;
        this.sampleRate = sampleRate;
        this.channels = channels;
        this.frames = new PcmFrames(in, channels, channel, Long.MAX_VALUE);
    }

    @Override
    public int sampleRate() {
        return sampleRate;
    }

    @Override
    public int read(short[] target, int offset, int count) throws IOException {
        int n = frames.read(target, offset, count);
        if (n < 0 && frames.strayBytes() > 0) {
            throw new AudioFormatException(
                    name,
                    "size",
                    "a multiple of %d bytes".formatted(2 * channels),
                    "%d bytes".formatted(frames.bytesRead()));
        }
        return n;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
