package org.flinksigmoid.pipelines.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.audio.SpeechFrontEnd;
import org.flinksigmoid.kernels.audio.SpeechStream;
import org.flinksigmoid.kernels.audio.SpeechWindow;
import org.flinksigmoid.kernels.audio.StreamingConfig;
import org.flinksigmoid.kernels.decode.StitchConfig;
import org.flinksigmoid.kernels.decode.StreamingCtc;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;

/**
 * How many concurrent streams one core keeps up with, in real time. Simulated callers, whose clocks
 * are spread evenly, each hand in 40 ms of audio every 40 ms; one thread does all the work: front
 * end, encoder on whatever windows wait, decoding. The parts are those of the Flink job, without
 * Flink.
 */
public final class StreamsBench {
    private static final int CHUNK_MILLIS = 40;
    private static final long MILLI = 1_000_000;

    /** Most windows of a batch: a larger one makes the first of it wait longer. */
    private static final int BATCH = 16;

    /** Seconds of each run that don't count: streams begin, code warms up. */
    private static final int SETTLING = 3;

    private final SpeechModel model;
    private final PreprocessorConfig config;
    private final short[] audio;
    private final int streams;

    /** By the time that their next chunk is complete. */
    private final PriorityQueue<Caller> callers =
            new PriorityQueue<>(Comparator.comparingLong(Caller::due));

    private final List<Pending> pending = new ArrayList<>();
    private final long[] latencies;
    private final long begin = System.nanoTime();
    private int counted;

    /**
     * A run's result.
     *
     * @param streams concurrent 8 kHz streams
     * @param median milliseconds from the end of a window's audio to its decoding
     * @param p99 99 of 100 windows took at most so many
     * @param windowsPerSecond windows decoded a second
     * @param busy share of the time that the one thread worked
     */
    public record Row(
            int streams, double median, double p99, double windowsPerSecond, double busy) {}

    private record Pending(Caller caller, SpeechWindow window, long audioEnd) {}

    private static final class Caller {
        private final SpeechStream stream;
        private final StreamingCtc decoder;
        private final long phase;
        private int chunks;

        Caller(SpeechStream stream, StreamingCtc decoder, long phase) {
            this.stream = stream;
            this.decoder = decoder;
            this.phase = phase;
        }

        long due() {
            return phase + (chunks + 1L) * CHUNK_MILLIS * MILLI;
        }
    }

    private StreamsBench(SpeechModel model, int streams, int seconds) {
        this.model = model;
        this.streams = streams;
        this.config = model.preprocessor();
        this.audio = SpeechLike.audio(config.mel().sampleRate() * 10);
        SpeechFrontEnd frontEnd = new SpeechFrontEnd(config);
        StreamingConfig streaming = config.streaming();
        StitchConfig stitch =
                new StitchConfig(
                        streaming.windowFrames(),
                        streaming.hopFrames(),
                        streaming.framesPerStep(),
                        streaming.edgeSteps(),
                        streaming.endpointSteps(),
                        StitchConfig.MAX_TOKENS);
        long hop = config.millis(2L * streaming.hopFrames()) - config.millis(streaming.hopFrames());
        for (int i = 0; i < streams; i++) {
            callers.add(
                    new Caller(
                            frontEnd.open(config.mel().sampleRate()),
                            new StreamingCtc(stitch, model.classes(), 0),
                            hop * MILLI * i / streams));
        }
        this.latencies = new long[(int) (streams * (seconds * 1000L / hop + 2))];
    }

    /**
     * Runs one round for each number of streams.
     *
     * @param seconds of audio that count, each round
     * @param found told of each row as it is ready
     */
    public static List<Row> run(
            Path folder, ModelOptions options, int[] streams, int seconds, Consumer<Row> found) {
        List<Row> rows = new ArrayList<>();
        try (SpeechModel model = SpeechModel.load(folder, options.withThreads(1))) {
            List<float[]> windows = Windows.random(model, BATCH);
            for (int i = 0; i < 60; i++) {
                model.infer(windows);
            }
            for (int count : streams) {
                Row row = new StreamsBench(model, count, seconds).run(seconds);
                rows.add(row);
                found.accept(row);
            }
        }
        return rows;
    }

    private Row run(int seconds) {
        long end = (SETTLING + seconds) * 1000 * MILLI;
        long idle = 0;
        long from = SETTLING * 1000 * MILLI;
        // A process that was halted meanwhile has nothing to count yet.
        for (long now = now(); now < end || counted == 0; now = now()) {
            long due = callers.element().due();
            if (due <= now) {
                Caller caller = callers.remove();
                hear(caller);
                callers.add(caller);
            }
            if (pending.size() >= BATCH || due > now && !pending.isEmpty()) {
                transcribe(from);
            } else if (due > now) {
                LockSupport.parkNanos(Math.min(due - now, MILLI));
                idle += now >= from ? now() - now : 0;
            }
        }
        long[] sorted = Arrays.copyOf(latencies, counted);
        Arrays.sort(sorted);
        return new Row(
                streams,
                sorted[counted / 2] / (double) MILLI,
                sorted[counted * 99 / 100] / (double) MILLI,
                counted / (double) seconds,
                1 - idle / (double) (end - from));
    }

    private long now() {
        return System.nanoTime() - begin;
    }

    private void hear(Caller caller) {
        int count = config.mel().sampleRate() * CHUNK_MILLIS / 1000;
        int at = caller.chunks++ * count % (audio.length - count);
        caller.stream.accept(
                audio,
                at,
                count,
                window -> {
                    long end = caller.phase + config.millis(window.endFrame()) * MILLI;
                    pending.add(new Pending(caller, window, end));
                });
    }

    private void transcribe(long from) {
        List<float[]> results =
                model.infer(pending.stream().map(each -> each.window().features()).toList());
        for (int i = 0; i < results.size(); i++) {
            Pending each = pending.get(i);
            SpeechWindow window = each.window();
            each.caller()
                    .decoder
                    .accept(window.startFrame(), window.frames(), false, results.get(i));
            if (each.audioEnd() >= from && counted < latencies.length) {
                latencies[counted++] = now() - each.audioEnd();
            }
        }
        pending.clear();
    }
}
