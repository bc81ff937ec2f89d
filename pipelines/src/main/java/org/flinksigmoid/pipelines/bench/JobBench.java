package org.flinksigmoid.pipelines.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.operators.inference.InferenceOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.SpeechInference;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.flinksigmoid.operators.types.WindowLogProbs;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;
import org.flinksigmoid.pipelines.local.LocalSink;
import org.flinksigmoid.pipelines.source.InputSource;
import org.flinksigmoid.pipelines.source.StreamInput;

/**
 * A Flink job (source, exchange by key, micro-batches, sink) against a plain loop over the same
 * windows in batches of the same size, on the same engine options. Start-up is not counted: rates
 * are those between the first and the last result.
 */
public final class JobBench {
    /** Rounds that {@link #run} takes a median of. */
    public static final int ROUNDS = 7;

    /** Rounds that {@link #batching} takes a median of. */
    public static final int BATCHING_ROUNDS = 3;

    /** Of the windows of the job with large batches, the other has one of so many. */
    private static final int SMALLER = 8;

    /** Fewest results that a rate is measured over. */
    public static final int LEAST = ResultClock.LEAST;

    /** Fewest windows of {@link #batching}. */
    public static final int LEAST_BATCHED = SMALLER * LEAST;

    private static final int STREAMS = 16;
    private static final int WARM_UP_BATCHES = 20;
    private static final int BATCH = InferenceOptions.MAX_BATCH_SIZE.defaultValue();

    /** What a GPU is given at once. */
    private static final int LARGE_BATCH = 256;

    private JobBench() {}

    /**
     * Runs loop and job, taking turns, after a round of each that is not counted: the JVM compiles
     * in it. The ratio is the median of the rounds' ratios.
     *
     * @param windows per round; a multiple of 64 is best
     * @param rounds that count
     */
    public static BenchResult run(
            Path folder, ModelOptions options, int windows, int rounds, Runnable step)
            throws Exception {
        List<Double> loopRates = new ArrayList<>();
        List<Double> jobRates = new ArrayList<>();
        int perStream = Math.ceilDiv(windows, STREAMS);
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double loop = loop(folder, options, perStream * STREAMS);
            double job = job(folder, options, new Job(perStream, BATCH, 1));
            if (round > 0) {
                loopRates.add(loop);
                jobRates.add(job);
                ratios.add(job / loop);
            }
            step.run();
        }
        return new BenchResult(
                "job",
                Map.of("job/loop", BenchResult.median(ratios)),
                List.of(
                        BenchResult.Row.of("plain loop", loopRates),
                        BenchResult.Row.of("Flink job", jobRates)));
    }

    /**
     * The job with batches of one record, as without this operator, against the job with large
     * batches, taking turns, after a round of each that is not counted.
     *
     * @param windows per round of the job with large batches; the other has an eighth of them
     * @param rounds that count
     */
    public static BenchResult batching(
            Path folder, ModelOptions options, int windows, int rounds, Runnable step)
            throws Exception {
        List<Double> single = new ArrayList<>();
        List<Double> batched = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        int parallelism = Math.min(8, Runtime.getRuntime().availableProcessors());
        int perStream = Math.ceilDiv(windows, STREAMS);
        Job large = new Job(perStream, LARGE_BATCH, parallelism);
        Job small = new Job(Math.ceilDiv(perStream, SMALLER), 1, parallelism);
        try (WarmModel _ = WarmModel.load(folder, options, LARGE_BATCH)) {
            for (int round = 0; round <= rounds; round++) {
                double one = job(folder, options, small);
                double many = job(folder, options, large);
                if (round > 0) {
                    single.add(one);
                    batched.add(many);
                    ratios.add(many / one);
                }
                step.run();
            }
        }
        return new BenchResult(
                "batching",
                Map.of("micro-batches/single", BenchResult.median(ratios)),
                List.of(
                        BenchResult.Row.of("batches of one", single),
                        BenchResult.Row.of("micro-batches", batched)));
    }

    private static double loop(Path folder, ModelOptions options, int windows) {
        try (SpeechModel model = SpeechModel.load(folder, options)) {
            List<float[]> batch = Windows.random(model, BATCH);
            for (int i = 0; i < WARM_UP_BATCHES; i++) {
                model.infer(batch);
            }
            int batches = Math.ceilDiv(windows, BATCH);
            long started = System.nanoTime();
            for (int i = 0; i < batches; i++) {
                model.infer(batch);
            }
            return batches * BATCH / ((System.nanoTime() - started) / 1e9);
        }
    }

    /**
     * A job.
     *
     * @param perStream windows of each stream
     * @param batchSize most windows of a batch
     * @param parallelism subtasks of each operator
     */
    private record Job(int perStream, int batchSize, int parallelism) {}

    private static double job(Path folder, ModelOptions options, Job job) throws Exception {
        StreamExecutionEnvironment env =
                EmbeddedFlink.environment(job.parallelism(), Duration.ZERO);
        List<StreamInput> inputs =
                IntStream.range(0, STREAMS)
                        .mapToObj(i -> new StreamInput("stream" + i, List.of("windows")))
                        .toList();
        WindowFormat format;
        try (SpeechModel model = SpeechModel.load(folder, options)) {
            format = new WindowFormat(job.perStream(), Windows.frames(model), model.inputWidth());
        }
        ResultClock clock = new ResultClock();
        var windows =
                new InputSource<>(inputs, format, InputSource.Options.fast())
                        .addTo(env, "windows", TypeInformation.of(FeatureWindow.class));
        try (LocalSink<WindowLogProbs> sink = LocalSink.to(WindowLogProbs.class, clock)) {
            MicroBatchInference.of(
                            new SpeechInference(folder.toString(), options), WindowLogProbs.class)
                    .uid("encoder")
                    .maxBatchSize(job.batchSize())
                    .apply(windows.keyBy(FeatureWindow::streamId))
                    .sinkTo(sink);
            env.execute("flink-sigmoid bench job");
        }
        return clock.rate();
    }
}
