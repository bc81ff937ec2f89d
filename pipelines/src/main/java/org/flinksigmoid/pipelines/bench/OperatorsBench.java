package org.flinksigmoid.pipelines.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.TextModel;
import org.flinksigmoid.operators.inference.InferenceOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.Models;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.types.ModelEvent;
import org.flinksigmoid.operators.types.ModelUpdate;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;
import org.flinksigmoid.pipelines.local.JobMetrics;
import org.flinksigmoid.pipelines.local.LocalSink;
import org.flinksigmoid.pipelines.local.TemporaryFolder;

/**
 * The micro-batch operator in a job of source, exchange by key, operator and sink: its throughput
 * at saturation against a plain loop over the same texts in batches of the same size, what it adds
 * to the latency at a tenth of that load, and what hot swaps do to the latency at half of it. The
 * engine has one thread in the loop and in the job: the rest of the machine is Flink's.
 */
public final class OperatorsBench {
    /** Rounds at saturation that {@link #run} takes a median of. */
    public static final int ROUNDS = 5;

    private static final int KEYS = 200;
    private static final double UNLIMITED = 0;

    /**
     * A model that answers more is so small that the source, not the operator, would be measured.
     */
    private static final double MOST_PER_SECOND = 5_000;

    private static final int BATCH = InferenceOptions.MAX_BATCH_SIZE.defaultValue();
    private static final int WARM_UP = 20 * BATCH;
    private static final OutputTag<ModelEvent> EVENTS =
            new OutputTag<>("events", TypeInformation.of(ModelEvent.class));

    /** Swaps of which it is known what became of them; shared with the job's tasks. */
    private static final AtomicInteger DECIDED = new AtomicInteger();

    /** Longest wait for that, behind the last but one of the texts. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Path folder;
    private final ModelOptions options;
    private final int swaps;

    private OperatorsBench(Path folder, ModelOptions options, int swaps) {
        this.folder = folder;
        this.options = options.withThreads(1);
        this.swaps = swaps;
    }

    /** Time without swaps, beside one second for each. */
    private int calmSeconds() {
        return Math.max(2, swaps / 2);
    }

    /** What came of a text, and when. */
    private record Passed(long atMillis, double latencyMillis) {}

    /**
     * Runs all parts.
     *
     * @param folder a text checkpoint
     * @param records texts of each round at saturation, {@link JobBench#LEAST} or more
     * @param swaps hot swaps, one a second
     * @param rounds at saturation that count
     */
    public static OperatorsResult run(
            Path folder, ModelOptions options, int records, int swaps, int rounds, Runnable step)
            throws Exception {
        OperatorsBench bench = new OperatorsBench(folder, options, swaps);
        List<Double> loopRates = new ArrayList<>();
        List<Double> jobRates = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double loop = bench.loop(records);
            double job = bench.saturated(records);
            if (round > 0) { // the JVM compiles in the first
                loopRates.add(loop);
                jobRates.add(job);
                ratios.add(job / loop);
            }
            step.run();
        }
        double capacity = BenchResult.median(loopRates);
        OperatorsResult.Latency latency = bench.latency(0.1 * capacity);
        step.run();
        OperatorsResult.Swaps swapped = bench.swaps(Math.min(0.5 * capacity, MOST_PER_SECOND));
        step.run();
        return new OperatorsResult(
                capacity,
                BenchResult.median(jobRates),
                BenchResult.median(ratios),
                latency,
                swapped);
    }

    /** Steps, for a progress bar. */
    public static int steps(int rounds) {
        return rounds + 3;
    }

    /** A text of 8 to 39 letters that depends on its number only. */
    private static TextMessage message(long id) {
        Random random = new Random(id % 4096);
        char[] letters = new char[8 + random.nextInt(32)];
        for (int i = 0; i < letters.length; i++) {
            letters[i] = random.nextInt(6) == 0 ? ' ' : (char) ('a' + random.nextInt(26));
        }
        return new TextMessage("k" + id % KEYS, "", new String(letters), System.nanoTime());
    }

    private double loop(int records) {
        try (TextModel model = TextModel.load(folder, options)) {
            int batches = Math.ceilDiv(records - WARM_UP, BATCH);
            infer(model, WARM_UP / BATCH);
            long started = System.nanoTime();
            infer(model, batches);
            return batches * BATCH / ((System.nanoTime() - started) / 1e9);
        }
    }

    private static void infer(TextModel model, int batches) {
        long id = 0;
        for (int i = 0; i < batches; i++) {
            List<int[]> batch = new ArrayList<>(BATCH);
            for (int j = 0; j < BATCH; j++) {
                batch.add(model.encode(message(id++).text()));
            }
            model.infer(batch);
        }
    }

    private double saturated(int records) throws Exception {
        long[] times = new long[2];
        long[] count = new long[1];
        job(
                records,
                UNLIMITED,
                (score, nanos) -> {
                    count[0]++;
                    times[count[0] <= WARM_UP ? 0 : 1] = nanos;
                });
        return (count[0] - WARM_UP) / ((times[1] - times[0]) / 1e9);
    }

    private OperatorsResult.Latency latency(double perSecond) throws Exception {
        JobMetrics.reset();
        int records = (int) (perSecond * calmSeconds());
        job(records, perSecond, (score, nanos) -> {});
        return new OperatorsResult.Latency(
                perSecond,
                InferenceOptions.BATCH_TIMEOUT.defaultValue().toMillis(),
                JobMetrics.quantile(JobMetrics.values("asyncCallDurationMs"), 0.99),
                JobMetrics.quantile(JobMetrics.values("recordLatencyMs"), 0.99));
    }

    private void job(int records, double perSecond, BiConsumer<Score, Long> results)
            throws Exception {
        StreamExecutionEnvironment env = environment();
        try (LocalSink<Score> sink =
                LocalSink.to(Score.class, score -> results.accept(score, System.nanoTime()))) {
            MicroBatchInference.of(TextInference.messages(folder.toString(), options), Score.class)
                    .uid("operator")
                    .apply(texts(env, records, perSecond, 0).keyBy(TextMessage::key))
                    .sinkTo(sink);
            env.execute("flink-sigmoid bench operators");
        }
    }

    private static StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
        env.setBufferTimeout(1); // the exchange is not what is measured
        return env;
    }

    /**
     * Texts, of which the last waits for the last swap.
     *
     * @param swaps that there will be
     */
    private static DataStream<TextMessage> texts(
            StreamExecutionEnvironment env, int records, double perSecond, int swaps) {
        GeneratorFunction<Long, TextMessage> generator =
                id -> {
                    if (id == records - 1) {
                        awaitDecisions(swaps);
                    }
                    return message(id);
                };
        return env.fromSource(
                new DataGeneratorSource<>(
                        generator,
                        records,
                        perSecond == UNLIMITED
                                ? RateLimiterStrategy.noOp()
                                : RateLimiterStrategy.perSecond(perSecond),
                        TypeInformation.of(TextMessage.class)),
                WatermarkStrategy.noWatermarks(),
                "texts");
    }

    private static void awaitDecisions(int swaps) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (DECIDED.get() < swaps && System.nanoTime() < end) {
            Thread.sleep(1);
        }
    }

    /** Two copies of the checkpoint take turns while texts come in. */
    private OperatorsResult.Swaps swaps(double perSecond) throws Exception {
        Path copies = TemporaryFolder.path().resolve("models");
        try {
            return swaps(perSecond, copy(copies.resolve("1")), copy(copies.resolve("2")));
        } finally {
            TemporaryFolder.delete(copies);
        }
    }

    private OperatorsResult.Swaps swaps(double perSecond, String first, String second)
            throws Exception {
        ConcurrentLinkedQueue<Passed> passed = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<ModelEvent> events = new ConcurrentLinkedQueue<>();
        int records = (int) (perSecond * (swaps + calmSeconds()));
        DECIDED.set(0);
        StreamExecutionEnvironment env = environment();
        ModelOptions how = options;
        try (LocalSink<Score> sink =
                        LocalSink.to(
                                Score.class,
                                score ->
                                        passed.add(
                                                new Passed(
                                                        System.currentTimeMillis(),
                                                        (System.nanoTime()
                                                                        - score.timestampMillis())
                                                                / 1e6)));
                LocalSink<ModelEvent> eventSink =
                        LocalSink.to(
                                ModelEvent.class,
                                event -> {
                                    events.add(event);
                                    DECIDED.incrementAndGet();
                                })) {
            var scores =
                    MicroBatchInference.of(
                                    Models.of(first, at -> TextInference.messages(at, how)),
                                    Score.class)
                            .uid("operator")
                            .control(updates(env, first, second))
                            .modelEvents(EVENTS)
                            .apply(texts(env, records, perSecond, swaps).keyBy(TextMessage::key));
            scores.getSideOutput(EVENTS).sinkTo(eventSink);
            scores.sinkTo(sink);
            env.execute("flink-sigmoid bench operators");
        }
        int accepted = (int) events.stream().filter(ModelEvent::accepted).count();
        return new OperatorsResult.Swaps(
                perSecond,
                accepted,
                records - passed.size(),
                p99InCalm(passed, events),
                p99(passed.stream().filter(p -> isDuring(p, events))));
    }

    /** One a second, the second checkpoint first. */
    private DataStream<ModelUpdate> updates(
            StreamExecutionEnvironment env, String first, String second) {
        GeneratorFunction<Long, ModelUpdate> updates =
                i -> {
                    Thread.sleep(1000);
                    return new ModelUpdate("", i % 2 == 0 ? second : first);
                };
        return env.fromSource(
                new DataGeneratorSource<>(updates, swaps, TypeInformation.of(ModelUpdate.class)),
                WatermarkStrategy.noWatermarks(),
                "updates");
    }

    /** Beside swaps, and behind the first seconds. */
    private double p99InCalm(Queue<Passed> passed, Collection<ModelEvent> events) {
        long start = passed.peek().atMillis() + 1000L * calmSeconds() / 2;
        return p99(passed.stream().filter(p -> p.atMillis() > start && !isDuring(p, events)));
    }

    private static boolean isDuring(Passed passed, Collection<ModelEvent> events) {
        return events.stream().anyMatch(event -> isDuring(passed, event));
    }

    /** Whether a result came while the model was loaded, or just after the switch. */
    private static boolean isDuring(Passed passed, ModelEvent event) {
        long end = event.timestampMillis();
        return passed.atMillis() >= end - event.loadMillis() && passed.atMillis() <= end + 50;
    }

    private static double p99(Stream<Passed> passed) {
        double[] values = passed.mapToDouble(Passed::latencyMillis).sorted().toArray();
        return values.length == 0 ? 0 : values[(int) Math.ceil(0.99 * values.length) - 1];
    }

    private String copy(Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to.toString();
    }
}
