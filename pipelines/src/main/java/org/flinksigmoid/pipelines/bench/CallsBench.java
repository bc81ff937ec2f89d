package org.flinksigmoid.pipelines.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.operators.inference.InferenceOptions;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;
import org.flinksigmoid.pipelines.asr.AsrOptions;
import org.flinksigmoid.pipelines.asr.AsrTopology;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;
import org.flinksigmoid.pipelines.local.JobMetrics;
import org.flinksigmoid.pipelines.local.LocalSink;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.InputSource;
import org.flinksigmoid.pipelines.source.Pace;

/**
 * How many live streams the whole speech job keeps up with: {@link AsrTopology} on an embedded
 * Flink, fed by callers whose audio comes at the pace of speech, more of them from stage to stage.
 * What counts is the time from the end of a window's audio, by the wall clock, to its result, that
 * is, how long a caller waits for what the window says.
 */
public final class CallsBench {
    /** Of each stage, before it counts: callers join, their windows grow to the full length. */
    private static final long SETTLING_MILLIS = 6000;

    /** Longest wait of a record in a network buffer, for company. */
    private static final Duration BUFFER_TIMEOUT = Duration.ofMillis(10);

    private static final String BATCHES = "totalBatchesProcessed";
    private static final String RECORDS = "totalRecordsProcessed";

    private final AsrOptions options;
    private final int[] streams;
    private final int parallelism;
    private final CallFormat calls;
    private final CallClock clock = CallClock.create();
    private final CallLatencies windows;
    private final CallLatencies transcripts;
    private final LongAdder problems = new LongAdder();

    private CallsBench(
            AsrOptions options,
            PreprocessorConfig preprocessor,
            int[] streams,
            int seconds,
            int parallelism) {
        this.options = options;
        this.streams = streams;
        this.parallelism = parallelism;
        int hop = preprocessor.streaming().hopFrames();
        int[] joining = new int[streams.length];
        for (int i = 0; i < joining.length; i++) {
            joining[i] = streams[i] - (i == 0 ? 0 : streams[i - 1]);
            if (joining[i] < 1) {
                throw new IllegalArgumentException(
                        "streams: expected ascending numbers from 1, found " + streams[i]);
            }
        }
        long stageMillis = SETTLING_MILLIS + 1000L * seconds;
        this.calls =
                new CallFormat(
                        clock,
                        joining,
                        stageMillis,
                        preprocessor.millis(2L * hop) - preprocessor.millis(hop),
                        preprocessor.mel().sampleRate());
        this.windows = new CallLatencies(clock, streams.length, stageMillis, SETTLING_MILLIS);
        this.transcripts = new CallLatencies(clock, streams.length, stageMillis, SETTLING_MILLIS);
    }

    /**
     * Runs one job through all stages.
     *
     * @param options model, engine and settings of the operators
     * @param streams callers at once in each stage, ascending
     * @param seconds of each stage that count
     * @param parallelism subtasks of each operator
     * @param found told of each stage as it ends
     */
    public static CallsResult run(
            AsrOptions options,
            int[] streams,
            int seconds,
            int parallelism,
            Consumer<CallsResult.Row> found)
            throws Exception {
        int batch = options.settings().get(InferenceOptions.MAX_BATCH_SIZE);
        try (WarmModel warm = WarmModel.load(options.model(), options.engine(), batch)) {
            return new CallsBench(
                            options, warm.model().preprocessor(), streams, seconds, parallelism)
                    .run(found);
        }
    }

    private CallsResult run(Consumer<CallsResult.Row> found) throws Exception {
        JobMetrics.reset();
        StreamExecutionEnvironment env = EmbeddedFlink.environment(parallelism, Duration.ZERO);
        env.setBufferTimeout(BUFFER_TIMEOUT.toMillis());
        int atOnce = Math.ceilDiv(streams[streams.length - 1], parallelism);
        var audio =
                new InputSource<>(
                                calls.inputs(),
                                calls,
                                new InputSource.Options(Pace.REAL_TIME, false, atOnce))
                        .addTo(env, "calls", TypeInformation.of(AudioChunk.class));
        AsrTopology.Results results = AsrTopology.transcribe(audio, options);
        List<CallsResult.Row> rows = new ArrayList<>();
        try (LocalSink<WindowLogProbs> windowSink =
                        LocalSink.timed(WindowLogProbs.class, (window, end) -> windows.add(end));
                LocalSink<Transcript> sink =
                        LocalSink.timed(Transcript.class, (text, end) -> transcripts.add(end));
                LocalSink<BadInput> badSink =
                        LocalSink.to(BadInput.class, bad -> problems.increment());
                CallClock _ = clock;
                GpuUse gpu = GpuUse.of(options.engine().device())) {
            results.windows().sinkTo(windowSink).name("windows");
            results.transcripts().sinkTo(sink).name("results");
            results.problems().union(audio.getSideOutput(BadInput.TAG)).sinkTo(badSink);
            JobClient job = env.executeAsync("flink-sigmoid bench calls");
            awaitBegin(job);
            for (int stage = 0; stage < streams.length; stage++) {
                CallsResult.Row row = stage(stage, gpu, job);
                rows.add(row);
                found.accept(row);
            }
        }
        return new CallsResult(
                rows,
                calls.inputs().stream().mapToLong(calls::chunks).sum(),
                JobMetrics.count("windows"),
                JobMetrics.count(RECORDS),
                problems.sum());
    }

    /** Waits for the callers, or fails as the job does. */
    private void awaitBegin(JobClient job) throws Exception {
        CompletableFuture.anyOf(clock.begin(), job.getJobExecutionResult()).get();
    }

    /** Watches a stage, and waits until what was said in it has been worked on. */
    private CallsResult.Row stage(int stage, GpuUse gpu, JobClient job) throws Exception {
        long begin = clock.begin().get() + stage * calls.stageMillis();
        watchUntil(begin + SETTLING_MILLIS, job);
        long batches = JobMetrics.count(BATCHES);
        long records = JobMetrics.count(RECORDS);
        ProcessorUse processors = ProcessorUse.start();
        gpu.take();
        watchUntil(begin + calls.stageMillis(), job);
        ProcessorUse.Use use = processors.take();
        var busy = gpu.take();
        batches = JobMetrics.count(BATCHES) - batches;
        records = JobMetrics.count(RECORDS) - records;
        if (stage < streams.length - 1) {
            watchUntil(begin + calls.stageMillis() + CallsResult.P99_MILLIS, job);
        } else {
            job.getJobExecutionResult().get(); // ends when all that was said has been worked on
        }
        Map<String, Double> stages = new TreeMap<>();
        use.groups().forEach((name, group) -> stages.put(name, group.processors()));
        long millis = calls.stageMillis() - SETTLING_MILLIS;
        long expected = streams[stage] * millis / calls.hopMillis();
        int available = Runtime.getRuntime().availableProcessors();
        return new CallsResult.Row(
                streams[stage],
                windows.count(stage),
                windows.count(stage) * 1000.0 / millis,
                windows.quantile(stage, 0.5, expected),
                windows.quantile(stage, 0.99, expected),
                transcripts.count(stage),
                transcripts.quantile(stage, 0.99, transcripts.count(stage)),
                (double) records / Math.max(1, batches),
                busy,
                use.all(),
                available,
                stages,
                CallsResult.bottleneck(busy, use, available));
    }

    /** Lets the job, which goes on beyond that moment, run until then, or fails as it does. */
    private static void watchUntil(long millis, JobClient job) throws Exception {
        long left = millis - System.currentTimeMillis();
        try {
            job.getJobExecutionResult().get(Math.max(0, left), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return; // as it should be
        }
    }
}
