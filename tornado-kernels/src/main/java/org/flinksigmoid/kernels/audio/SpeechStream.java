package org.flinksigmoid.kernels.audio;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * One stream of audio on its way to the encoder: samples in, in pieces of any size, overlapping
 * windows of features out.
 *
 * <p>With window length {@code W} and hop {@code S} in frames, window {@code k} ends at frame
 * {@code S * (k + 1)} and comes as soon as that frame is there; it starts {@code W} frames earlier,
 * or at the stream's first frame. The end of the stream brings one more, the last, which may be
 * shorter. A window's level is that of the last {@code historyFrames} frames up to its end. So what
 * comes out depends on the samples alone, not on how they were cut, bit for bit.
 *
 * <p>Keeps the log-mel frames of its level's history (80 KiB for 512 frames of 40 bands) and less
 * than a frame of samples. Not thread-safe; it shares its front end's scratch.
 */
public final class SpeechStream {
    /**
     * Version 1 does not say what computed its log-mels; 1 and 2 count frames and windows in 32
     * bits.
     */
    private static final byte VERSION = 3;

    private static final int CONFIG_BYTES = 9 * Integer.BYTES + 3 * Double.BYTES;

    /** Silence is fed in pieces of this many samples. */
    private static final int SILENCE_PIECE = 4096;

    private final SpeechFrontEnd frontEnd;
    private final int sampleRate;
    private final int bands;
    private final float[] ring;

    /** Each row's power, or NaN until a window asks for it: restoring costs no exponentials. */
    private final double[] powers;

    private StreamingLogMel mels;
    private Resampler resampler;
    private long samples;
    private long frames;
    private long windows;
    private boolean finished;

    SpeechStream(SpeechFrontEnd frontEnd, int sampleRate) {
        this.frontEnd = frontEnd;
        this.sampleRate = sampleRate;
        PreprocessorConfig config = frontEnd.config();
        this.bands = config.mel().bands();
        int rows = Math.max(config.level().historyFrames(), config.streaming().windowFrames());
        this.powers = new double[rows];
        this.ring = new float[rows * bands];
        this.mels = new StreamingLogMel(frontEnd.logMel());
        // Without a change of rate it only hands the samples on, so none is made.
        this.resampler = resamples() ? frontEnd.resampler(sampleRate) : null;
    }

    /** Samples a second of what comes in. */
    public int sampleRate() {
        return sampleRate;
    }

    /** Samples taken so far, at the incoming rate, silence included. */
    public long samples() {
        return samples;
    }

    /** Frames heard so far. */
    public long frames() {
        return frames;
    }

    /** Takes 16-bit samples and hands on the windows that they complete. */
    public void accept(
            short[] chunk, int offset, int count, Consumer<? super SpeechWindow> windowSink) {
        accept(SpeechFrontEnd.toFloats(chunk, offset, count), 0, count, windowSink);
    }

    /** Takes samples in [-1, 1) and hands on the windows that they complete. */
    public void accept(
            float[] chunk, int offset, int count, Consumer<? super SpeechWindow> windowSink) {
        if (finished) {
            throw new IllegalStateException("the stream is finished");
        }
        samples += count;
        if (resamples()) {
            resampler.accept(chunk, offset, count, (s, o, n) -> hear(s, o, n, windowSink));
        } else {
            hear(chunk, offset, count, windowSink);
        }
    }

    /** Takes so many samples of digital silence, at the incoming rate. */
    public void acceptSilence(long count, Consumer<? super SpeechWindow> windowSink) {
        float[] silence = new float[(int) Math.min(count, SILENCE_PIECE)];
        for (long left = count; left > 0; left -= silence.length) {
            accept(silence, 0, (int) Math.min(left, silence.length), windowSink);
        }
    }

    /** Ends the stream: hands on its last window, which is empty if no sample ever came. */
    public void finish(Consumer<? super SpeechWindow> windowSink) {
        if (finished) {
            throw new IllegalStateException("the stream is finished");
        }
        if (resamples()) {
            resampler.finish((s, o, n) -> hear(s, o, n, windowSink));
        }
        if (mels.samples() > 0) {
            pad(windowSink);
        }
        mels.finish(frame -> take(frame, windowSink));
        finished = true;
        StreamingConfig streaming = frontEnd.config().streaming();
        int step = streaming.framesPerStep();
        long start = Math.max(0, frames - streaming.windowFrames());
        window((start + step - 1) / step * step, true, windowSink);
    }

    private boolean resamples() {
        return sampleRate != frontEnd.config().mel().sampleRate();
    }

    private void hear(
            float[] chunk, int offset, int count, Consumer<? super SpeechWindow> windowSink) {
        if (count > 0 && mels.samples() == 0) {
            pad(windowSink);
        }
        mels.accept(chunk, offset, count, frame -> take(frame, windowSink));
    }

    private void pad(Consumer<? super SpeechWindow> windowSink) {
        float[] silence = new float[frontEnd.config().paddingSamples()];
        mels.accept(silence, 0, silence.length, frame -> take(frame, windowSink));
    }

    private void take(float[] frame, Consumer<? super SpeechWindow> windowSink) {
        int row = (int) (frames % powers.length);
        System.arraycopy(frame, 0, ring, row * bands, bands);
        powers[row] = Double.NaN;
        frames++;
        StreamingConfig streaming = frontEnd.config().streaming();
        if (frames % streaming.hopFrames() == 0) {
            window(Math.max(0, frames - streaming.windowFrames()), false, windowSink);
        }
    }

    private void window(long start, boolean last, Consumer<? super SpeechWindow> windowSink) {
        int count = (int) (frames - start);
        float[] features = new float[count * bands];
        if (count > 0) {
            Level level = frontEnd.level();
            int history = frontEnd.config().level().historyFrames();
            long from = Math.max(0, frames - history);
            fillPowers(from);
            double mean = level.of(ring, powers, from, frames);
            for (int i = 0; i < count; i++) {
                int row = (int) ((start + i) % powers.length);
                level.normalise(ring, row * bands, mean, features, i * bands);
            }
        }
        windowSink.accept(new SpeechWindow(windows++, start, count, bands, features, last));
    }

    private void fillPowers(long from) {
        for (long t = from; t < frames; t++) {
            int row = (int) (t % powers.length);
            if (Double.isNaN(powers[row])) {
                powers[row] = Level.power(ring, row * bands, bands);
            }
        }
    }

    /** The state between two pieces; {@link SpeechFrontEnd#restore} goes on from it. */
    public byte[] snapshot() {
        byte[] melState = mels.snapshot();
        byte[] resamplerState = resamples() ? resampler.snapshot() : new byte[0];
        int rows = (int) Math.min(frames, powers.length);
        ByteBuffer bytes =
                StateBytes.begin(
                        VERSION,
                        41
                                + CONFIG_BYTES
                                + StateBytes.size(rows * bands)
                                + melState.length
                                + resamplerState.length);
        bytes.putInt(sampleRate).putInt(bands).putLong(samples).putLong(frames).putLong(windows);
        bytes.put((byte) (finished ? 1 : 0));
        putConfig(bytes);
        bytes.putInt(melState.length).put(melState);
        bytes.putInt(resamplerState.length).put(resamplerState);
        StateBytes.put(bytes, ring, rows * bands);
        return bytes.array();
    }

    static SpeechStream restore(SpeechFrontEnd frontEnd, byte[] snapshot) {
        boolean old = snapshot.length > 0 && snapshot[0] > 0 && snapshot[0] < VERSION;
        byte version = old ? snapshot[0] : VERSION;
        return StateBytes.read(
                "speech stream state", version, snapshot, bytes -> read(frontEnd, version, bytes));
    }

    private static SpeechStream read(SpeechFrontEnd frontEnd, byte version, ByteBuffer bytes) {
        SpeechStream stream = new SpeechStream(frontEnd, bytes.getInt());
        int bands = bytes.getInt();
        if (bands != stream.bands) {
            throw new IllegalArgumentException(
                    "speech stream state: expected %d bands, found %d"
                            .formatted(stream.bands, bands));
        }
        stream.samples = bytes.getLong();
        stream.frames = version > 2 ? bytes.getLong() : bytes.getInt();
        stream.windows = version > 2 ? bytes.getLong() : bytes.getInt();
        stream.finished = bytes.get() != 0;
        if (version > 1) {
            requireConfig(frontEnd.config(), bytes);
        }
        stream.mels = StreamingLogMel.restore(frontEnd.logMel(), StateBytes.bytes(bytes));
        byte[] resamplerState = StateBytes.bytes(bytes);
        if (stream.resamples()) {
            stream.resampler = stream.resampler.restore(resamplerState);
        }
        float[] rows = StateBytes.floats(bytes);
        int expected = (int) Math.min(stream.frames, stream.powers.length) * bands;
        if (rows.length != expected) {
            throw new IllegalArgumentException(
                    "speech stream state: expected %d log-mels, found %d"
                            .formatted(expected, rows.length));
        }
        System.arraycopy(rows, 0, stream.ring, 0, rows.length);
        Arrays.fill(stream.powers, Double.NaN);
        return stream;
    }

    /** What the log-mels and the windows' numbers depend on; the level is that of each window. */
    private void putConfig(ByteBuffer bytes) {
        PreprocessorConfig config = frontEnd.config();
        MelConfig mel = config.mel();
        bytes.putInt(config.paddingSamples());
        bytes.putInt(mel.sampleRate()).putInt(mel.frameLength()).putInt(mel.hopLength());
        bytes.putInt(mel.fftSize()).putInt(mel.bands());
        bytes.putDouble(mel.minFrequency()).putDouble(mel.maxFrequency());
        bytes.putDouble(mel.energyFloor());
        StreamingConfig streaming = config.streaming();
        bytes.putInt(streaming.windowFrames()).putInt(streaming.hopFrames());
        bytes.putInt(streaming.framesPerStep());
    }

    private static void requireConfig(PreprocessorConfig config, ByteBuffer bytes) {
        require("padding samples", config.paddingSamples(), bytes.getInt());
        MelConfig mel = config.mel();
        require("sampling rate", mel.sampleRate(), bytes.getInt());
        require("frame length", mel.frameLength(), bytes.getInt());
        require("hop length", mel.hopLength(), bytes.getInt());
        require("FFT's points", mel.fftSize(), bytes.getInt());
        require("bands", mel.bands(), bytes.getInt());
        require("lowest frequency", mel.minFrequency(), bytes.getDouble());
        require("highest frequency", mel.maxFrequency(), bytes.getDouble());
        require("energy floor", mel.energyFloor(), bytes.getDouble());
        StreamingConfig streaming = config.streaming();
        require("window frames", streaming.windowFrames(), bytes.getInt());
        require("hop frames", streaming.hopFrames(), bytes.getInt());
        require("frames per step", streaming.framesPerStep(), bytes.getInt());
    }

    private static void require(String what, Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new IllegalArgumentException(
                    "speech stream state: %s: expected %s, found %s"
                            .formatted(what, expected, found));
        }
    }

    /** An independent stream in the same state. */
    public SpeechStream copy() {
        return restore(frontEnd, snapshot());
    }
}
