package org.flinksigmoid.kernels.audio;

import java.io.IOException;
import java.io.InputStream;

/** One channel out of interleaved little-endian 16-bit frames, up to a byte limit or the end. */
final class PcmFrames {
    private final InputStream in;
    private final int channels;
    private final int channel;
    private final byte[] buffer;
    private long bytesLeft;
    private long bytesRead;
    private int held;

    /**
     * @param bytesLeft bytes that may be read; {@link Long#MAX_VALUE} to the end of the stream
     */
    PcmFrames(InputStream in, int channels, int channel, long bytesLeft) {
        this.in = in;
        this.channels = channels;
        this.channel = channel;
        this.bytesLeft = bytesLeft;
        this.buffer = new byte[4096 * channels * 2];
    }

    /** Samples read, at least one unless {@code count} is 0; -1 when no whole frame is left. */
    int read(short[] target, int offset, int count) throws IOException {
        int frame = 2 * channels;
        if (count == 0) {
            return 0;
        }
        int wanted = (int) Math.min(buffer.length, (long) count * frame);
        while (held < frame) {
            int n = in.read(buffer, held, (int) Math.min(wanted - held, bytesLeft));
            if (n <= 0) {
                return -1;
            }
            held += n;
            bytesRead += n;
            bytesLeft -= n;
        }
        int frames = held / frame;
        for (int i = 0; i < frames; i++) {
            int at = i * frame + 2 * channel;
            target[offset + i] = (short) ((buffer[at] & 0xff) | buffer[at + 1] << 8);
        }
        int rest = held - frames * frame;
        System.arraycopy(buffer, frames * frame, buffer, 0, rest);
        held = rest;
        return frames;
    }

    /** Bytes taken from the stream so far. */
    long bytesRead() {
        return bytesRead;
    }

    /** Bytes of a frame that is not whole; meaningful once {@link #read} has returned -1. */
    int strayBytes() {
        return held;
    }

    /** Bytes that the limit still allows. */
    long bytesLeft() {
        return bytesLeft;
    }
}
