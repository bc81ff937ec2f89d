package org.flinksigmoid.operators.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.audio.SpeechFrontEnd;
import org.flinksigmoid.kernels.audio.SpeechStream;
import org.flinksigmoid.kernels.audio.SpeechWindow;
import org.flinksigmoid.operators.metrics.Counters;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.FeatureWindow;

/** A speech window operator on Flink's harness, with the chunks and windows to compare. */
final class SpeechHarness implements AutoCloseable {
    static final PreprocessorConfig CONFIG = PreprocessorConfig.DIGITS;

    static final int MAX_PARALLELISM = 16;

    /** 2026-11-24 12:00 UTC. */
    static final long START = 1_795_521_600_000L;

    /** Samples of 40 ms at 8 kHz. */
    static final int CHUNK = 320;

    /** A stream of thirty chunks, not to be written to. */
    static final short[] SAMPLES = sound(7, 30 * CHUNK);

    /** The same cut into them. */
    static final List<AudioChunk> CHUNKS = chunks("a", SAMPLES);

    private final KeyedOneInputStreamOperatorTestHarness<String, AudioChunk, FeatureWindow> harness;
    private final Counters counters = new Counters("speech");
    private final List<FeatureWindow> windows = new ArrayList<>();
    private long watermark = Long.MIN_VALUE;

    SpeechHarness(SpeechWindowSettings settings) throws Exception {
        this(settings, null);
    }

    SpeechHarness(SpeechWindowSettings settings, OperatorSubtaskState state) throws Exception {
        this(settings, state, 1, 0);
    }

    /** One subtask of several. */
    SpeechHarness(
            SpeechWindowSettings settings, OperatorSubtaskState state, int parallelism, int subtask)
            throws Exception {
        harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new SpeechWindowsOperator(CONFIG, settings),
                        AudioChunk::streamId,
                        Types.STRING,
                        counters.environment(parallelism, subtask, MAX_PARALLELISM));
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
    }

    SpeechHarness() throws Exception {
        this(SpeechWindowSettings.DEFAULT);
    }

    void send(AudioChunk chunk) throws Exception {
        harness.processElement(chunk, chunk.timestampMillis());
        collect();
    }

    void send(List<AudioChunk> chunks) throws Exception {
        for (AudioChunk chunk : chunks) {
            send(chunk);
        }
    }

    void watermark(long timestamp) throws Exception {
        harness.processWatermark(timestamp);
        collect();
    }

    void endInput() throws Exception {
        watermark(Long.MAX_VALUE);
    }

    OperatorSubtaskState snapshot() throws Exception {
        return harness.snapshot(1, 1);
    }

    /** Moves the output over, and checks that no window is behind a watermark. */
    private void collect() {
        Queue<Object> output = harness.getOutput();
        for (Object next = output.poll(); next != null; next = output.poll()) {
            if (next instanceof Watermark mark) {
                watermark = mark.getTimestamp();
            } else if (next instanceof StreamRecord<?> element) {
                if (element.getTimestamp() <= watermark) {
                    throw new AssertionError(element + " is late: the watermark is " + watermark);
                }
                windows.add((FeatureWindow) element.getValue());
            }
        }
    }

    List<FeatureWindow> windows() {
        return windows;
    }

    List<AudioChunk> late() {
        return side(SpeechWindows.LATE);
    }

    List<DeadLetter<AudioChunk>> rejected() {
        return side(SpeechWindows.REJECTED);
    }

    List<AudioGap> gaps() {
        return side(SpeechWindows.GAPS);
    }

    Map<String, Long> counts() {
        return counters.counts();
    }

    int streamsInState() {
        return harness.numKeyedStateEntries();
    }

    int timers() {
        return harness.numEventTimeTimers();
    }

    private <T> List<T> side(OutputTag<T> tag) {
        Queue<StreamRecord<T>> records = harness.getSideOutput(tag);
        List<T> values = new ArrayList<>();
        if (records != null) {
            records.forEach(element -> values.add(element.getValue()));
        }
        return values;
    }

    @Override
    public void close() throws Exception {
        harness.close();
    }

    /** Bursts of tone and pauses. */
    static short[] sound(long seed, int count) {
        Random random = new Random(seed);
        short[] samples = new short[count];
        double phase = 0;
        double loudness = 0;
        double frequency = 300;
        for (int i = 0; i < count; i++) {
            if (i % 1600 == 0) {
                loudness = random.nextInt(3) == 0 ? 0 : 500 * Math.exp(3 * random.nextDouble());
                frequency = 100 + 3000 * random.nextDouble();
            }
            phase += 2 * Math.PI * frequency / 8000;
            samples[i] = (short) Math.round(loudness * Math.sin(phase) + 4 * random.nextGaussian());
        }
        return samples;
    }

    /** A stream cut into chunks of 20 to 100 ms; the last one says so. */
    static List<AudioChunk> chunks(
            String id, long start, int rate, short[] samples, Random random) {
        List<AudioChunk> chunks = new ArrayList<>();
        int at = 0;
        do {
            int size = rate / 50 + (random == null ? rate / 50 : random.nextInt(rate / 12));
            int count = Math.min(size, samples.length - at);
            short[] piece = Arrays.copyOfRange(samples, at, at + count);
            chunks.add(
                    new AudioChunk(
                            id,
                            chunks.size(),
                            start + 1000L * at / rate,
                            rate,
                            piece,
                            at + count == samples.length));
            at += count;
        } while (at < samples.length);
        return chunks;
    }

    /** A stream at 8 kHz cut into chunks of 40 ms. */
    static List<AudioChunk> chunks(String id, short[] samples) {
        return chunks(id, START, 8000, samples, null);
    }

    /** The windows of a whole stream. */
    static List<FeatureWindow> expected(String id, long start, int rate, short[] samples) {
        List<FeatureWindow> windows = new ArrayList<>();
        SpeechStream stream = new SpeechFrontEnd(CONFIG).open(rate);
        Consumer<SpeechWindow> sink =
                window ->
                        windows.add(
                                new FeatureWindow(
                                        id,
                                        window.index(),
                                        start,
                                        window.startFrame(),
                                        window.frames(),
                                        window.width(),
                                        window.features(),
                                        window.last(),
                                        0));
        stream.accept(samples, 0, samples.length, sink);
        stream.finish(sink);
        return windows;
    }

    static List<FeatureWindow> expected(String id, short[] samples) {
        return expected(id, START, 8000, samples);
    }

    /** The same chunk at another time. */
    static AudioChunk moved(AudioChunk chunk, long millis) {
        return new AudioChunk(
                chunk.streamId(),
                chunk.sequence(),
                chunk.timestampMillis() + millis,
                chunk.sampleRate(),
                chunk.samples(),
                chunk.last());
    }

    /** All but the reported gaps. */
    static void assertSameFeatures(List<FeatureWindow> found, List<FeatureWindow> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).startFrame()).isEqualTo(expected.get(i).startFrame());
            assertThat(found.get(i).features()).isEqualTo(expected.get(i).features());
        }
    }
}
