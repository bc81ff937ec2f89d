package org.flinksigmoid.operators.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TRANSCRIBE hears the same, once, whatever fails in the midst of its streams. */
class TranscribeRecoveryITCase {
    private static final int RATE = 8000;
    private static final int CHUNK = 800;
    private static final int STREAMS = 3;
    private static final int CHUNKS = 100;

    /** Rows of all streams; from then on the last one is silent. */
    private static final int HALF = 40 * STREAMS;

    private static final int ROWS = HALF + (CHUNKS - HALF / STREAMS) * (STREAMS - 1);

    /** A chunk of the second stream that never comes: a timer gives it up. */
    private static final int LOST = 60;

    /**
     * Taken half-way, at {@link #HALF}, by a version with {@link TranscribeFunction.FormerState}.
     */
    private static final Path FORMER = Path.of("src/test/resources/state/transcribe-v1");

    private static final AtomicInteger SENT = new AtomicInteger();
    private static final AtomicInteger TAKEN = new AtomicInteger();
    private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
    private static final AtomicInteger RESTORED = new AtomicInteger();

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"hashmap", "rocksdb"})
    void failuresChangeNoResult(String stateBackend) throws Exception {
        TinyCheckpoint.speech().write(folder);
        List<String> undisturbed = run(configuration("hashmap"), 0, RateLimiterStrategy.noOp());
        RESTORED.set(0);
        // A busy machine, too, completes checkpoints between the failures.
        List<String> disturbed =
                run(configuration(stateBackend), 3, RateLimiterStrategy.perCheckpoint(20));
        assertThat(FAILURES_LEFT).hasValue(0);
        assertThat(RESTORED.get()).as("results before the last failure").isPositive();
        assertSame(disturbed, undisturbed);
    }

    /** A silent stream has a timer alone, which must not ask the folder of before. */
    @Test
    void aSavepointGoesOnWithAModelThatWasMoved() throws Exception {
        TinyCheckpoint.speech().write(folder.resolve("before"));
        String savepoint = stopHalfWay(folder.resolve("before"));
        Files.move(folder.resolve("before"), folder.resolve("after"));
        folder = folder.resolve("after");
        assertSame(goOn(savepoint), run(configuration("hashmap"), 0, RateLimiterStrategy.noOp()));
    }

    @Test
    void aSavepointOfTheFormerLayoutGoesOn() throws Exception {
        TinyCheckpoint.speech().write(folder);
        assertSame(
                goOn(FORMER.toUri().toString()),
                run(configuration("hashmap"), 0, RateLimiterStrategy.noOp()));
    }

    private static void assertSame(List<String> found, List<String> undisturbed) {
        for (int stream = 0; stream < STREAMS; stream++) {
            String id = "s" + stream + " ";
            assertThat(found.stream().filter(line -> line.startsWith(id)).toList())
                    .isEqualTo(undisturbed.stream().filter(line -> line.startsWith(id)).toList())
                    .anyMatch(line -> line.contains(" final "))
                    .anyMatch(line -> line.contains(" partial "));
        }
    }

    private String stopHalfWay(Path model) throws Exception {
        SENT.set(0);
        TAKEN.set(0);
        Configuration configuration = configuration("hashmap");
        configuration.removeConfig(CheckpointingOptions.CHECKPOINTING_INTERVAL);
        StreamExecutionEnvironment env = environment(configuration);
        lines(env, model, RateLimiterStrategy.perCheckpoint(HALF)).collectAsync();
        JobClient job = env.executeAsync();
        while (SENT.get() < HALF || TAKEN.get() == 0) {
            Thread.sleep(10);
        }
        return job.stopWithSavepoint(
                        false,
                        folder.resolve("savepoint").toUri().toString(),
                        SavepointFormatType.CANONICAL)
                .get(60, TimeUnit.SECONDS);
    }

    private List<String> goOn(String savepoint) throws Exception {
        Configuration configuration = configuration("hashmap");
        configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        // The collecting sink's, which has another uid in each environment.
        configuration.set(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE, true);
        return run(configuration, 0, RateLimiterStrategy.noOp());
    }

    private List<String> run(Configuration configuration, int failures, RateLimiterStrategy<?> pace)
            throws Exception {
        FAILURES_LEFT.set(failures);
        return lines(environment(configuration), folder, pace).executeAndCollect(1).getFirst();
    }

    private static StreamExecutionEnvironment environment(Configuration configuration) {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        return env;
    }

    private static DataStream<List<String>> lines(
            StreamExecutionEnvironment env, Path model, RateLimiterStrategy<?> pace) {
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.executeSql(AudioRows.CREATE_TRANSCRIBE);
        DataGeneratorSource<Row> source =
                new DataGeneratorSource<>(
                        TranscribeRecoveryITCase::chunk, ROWS, pace, AudioRows.TYPE);
        DataStream<Row> rows = env.fromSource(source, WatermarkStrategy.noWatermarks(), "rows");
        tables.createTemporaryView("chunks", rows, AudioRows.SCHEMA);
        DataStream<Row> heard =
                tables.toDataStream(
                        tables.sqlQuery(
                                """
                                SELECT id, kind, text, end_of_stream FROM TRANSCRIBE(
                                  input => TABLE chunks PARTITION BY id, path => '%s',
                                  on_time => DESCRIPTOR(ts))
                                """
                                        .formatted(model)));
        return heard.keyBy(row -> 0).process(new Gathered()).returns(Types.LIST(Types.STRING));
    }

    private static Configuration configuration(String stateBackend) {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(StateBackendOptions.STATE_BACKEND, stateBackend);
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 10);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));
        return configuration;
    }

    /** The streams' chunks, taking turns. */
    private static Row chunk(long number) {
        SENT.incrementAndGet();
        boolean all = number < HALF;
        int streams = all ? STREAMS : STREAMS - 1;
        int begin = all ? 0 : HALF;
        int stream = (int) (number - begin) % streams;
        int at = begin / STREAMS + (int) (number - begin) / streams;
        if (stream == 1 && at == LOST) {
            at--; // twice, so one is missing
        }
        short[] samples = Tone.of(RATE, CHUNKS * CHUNK / RATE);
        int shift = 37 * stream;
        short[] chunk = Arrays.copyOfRange(samples, at * CHUNK, (at + 1) * CHUNK);
        for (int i = 0; i < chunk.length; i++) {
            chunk[i] = (short) (chunk[i] * (1 + (at + shift) % 5) / 5);
        }
        return AudioRows.row(
                "s" + stream, at, 1_700_000_000_000L + at * 100L, chunk, at == CHUNKS - 1);
    }

    /**
     * Fails as often as it is told to, each time behind a checkpoint with lines of the run since
     * the last; sends all lines when the last stream has ended.
     */
    private static final class Gathered extends KeyedProcessFunction<Integer, Row, List<String>>
            implements CheckpointedFunction, CheckpointListener {
        private static final long serialVersionUID = 1L;
        private static final int BETWEEN_FAILURES = 6;
        private transient ListState<String> lines;
        private transient int taken;
        private transient long firstWithLines;
        private transient boolean kept;

        @Override
        public void open(OpenContext context) {
            lines = getRuntimeContext().getListState(new ListStateDescriptor<>("l", Types.STRING));
            firstWithLines = Long.MAX_VALUE;
        }

        @Override
        public void initializeState(FunctionInitializationContext context) {
            // Keyed state alone.
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) {
            if (taken > 0) {
                firstWithLines = Math.min(firstWithLines, context.getCheckpointId());
            }
        }

        @Override
        public void notifyCheckpointComplete(long checkpoint) {
            kept |= checkpoint >= firstWithLines;
        }

        @Override
        public void processElement(Row row, Context context, Collector<List<String>> out)
                throws Exception {
            TAKEN.incrementAndGet();
            if (taken++ == 0) {
                lines.get().forEach(line -> RESTORED.incrementAndGet());
            }
            if (kept && taken > BETWEEN_FAILURES && FAILURES_LEFT.get() > 0) {
                FAILURES_LEFT.decrementAndGet();
                throw new IllegalStateException("injected");
            }
            lines.add(
                    "%s %s %s %s"
                            .formatted(
                                    row.getField("id"),
                                    row.getField("kind"),
                                    row.getField("text"),
                                    row.getField("end_of_stream")));
            List<String> all = new ArrayList<>();
            lines.get().forEach(all::add);
            if (all.stream().filter(line -> line.endsWith(" true")).count() == STREAMS) {
                out.collect(all);
            }
        }
    }
}
