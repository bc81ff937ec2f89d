package org.flinksigmoid.kernels.audio;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * {@link LogMel} of a signal that arrives in pieces: the same frames, bit for bit, however it is
 * cut. Keeps less than one frame of samples between calls. Not thread-safe; several streams of one
 * thread may share the {@link LogMel}.
 */
public final class StreamingLogMel {
    private static final byte VERSION = 1;

    private final LogMel logMel;
    private final float[] pending;
    private final float[] mels;
    private int held;
    private long samples;
    private boolean finished;

    /** Takes each frame as it comes. */
    @FunctionalInterface
    public interface FrameSink {
        /**
         * @param mels log energies, one a band; valid during the call only
         */
        void frame(float[] mels);
    }

    /** A stream at its beginning. */
    public StreamingLogMel(LogMel logMel) {
        this.logMel = logMel;
        this.pending = new float[logMel.config().frameLength()];
        this.mels = new float[logMel.config().bands()];
    }

    /** Samples taken so far. */
    public long samples() {
        return samples;
    }

    /**
     * Takes samples and hands on every frame that is whole with them.
     *
     * @param chunk samples in [-1, 1)
     */
    public void accept(float[] chunk, int offset, int count, FrameSink sink) {
        if (finished) {
            throw new IllegalStateException("the stream is finished");
        }
        int hop = logMel.config().hopLength();
        int position = offset;
        int end = offset + count;
        while (position < end) {
            int taken = Math.min(end - position, pending.length - held);
            System.arraycopy(chunk, position, pending, held, taken);
            held += taken;
            position += taken;
            if (held == pending.length) {
                logMel.frame(pending, 0, mels, 0);
                sink.frame(mels);
                held -= hop;
                System.arraycopy(pending, hop, pending, 0, held);
            }
        }
        samples += count;
    }

    /** Ends the stream: a signal shorter than one frame gives one, padded with zeros. */
    public void finish(FrameSink sink) {
        if (samples > 0 && samples < pending.length) {
            Arrays.fill(pending, held, pending.length, 0);
            logMel.frame(pending, 0, mels, 0);
            sink.frame(mels);
        }
        finished = true;
    }

    /** The state between two pieces. */
    public byte[] snapshot() {
        ByteBuffer bytes = StateBytes.begin(VERSION, 9 + StateBytes.size(held));
        bytes.putLong(samples).put((byte) (finished ? 1 : 0));
        StateBytes.put(bytes, pending, held);
        return bytes.array();
    }

    /**
     * Goes on where {@link #snapshot} was taken.
     *
     * @throws IllegalArgumentException if the bytes are of another version, cut or too long
     */
    public static StreamingLogMel restore(LogMel logMel, byte[] snapshot) {
        return StateBytes.read(
                "streaming log-mel state",
                VERSION,
                snapshot,
                bytes -> {
                    StreamingLogMel stream = new StreamingLogMel(logMel);
                    stream.samples = bytes.getLong();
                    stream.finished = bytes.get() != 0;
                    float[] held = StateBytes.floats(bytes);
                    if (held.length >= stream.pending.length) {
                        throw new IllegalArgumentException(
                                "streaming log-mel state: expected under %d samples, found %d"
                                        .formatted(stream.pending.length, held.length));
                    }
                    System.arraycopy(held, 0, stream.pending, 0, held.length);
                    stream.held = held.length;
                    return stream;
                });
    }
}
