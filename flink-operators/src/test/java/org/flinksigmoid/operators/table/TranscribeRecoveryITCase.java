package org.flinksigmoid.operators.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
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

/** TRANSCRIBE hears the same, once, whatever fails in the midst of its streams. */
class TranscribeRecoveryITCase {
    private static final int RATE = 8000;
    private static final int CHUNK = 800;
    private static final int STREAMS = 3;
    private static final int CHUNKS = 80;
    private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
    private static final AtomicInteger RESTORED = new AtomicInteger();

    @TempDir private Path folder;

    @Test
    void failuresChangeNoResult() throws Exception {
        TinyCheckpoint.speech().write(folder);
        List<String> undisturbed = run("hashmap", 0, RateLimiterStrategy.noOp());
        RESTORED.set(0);
        // A busy machine, too, completes checkpoints between the failures.
        List<String> disturbed = run("rocksdb", 3, RateLimiterStrategy.perCheckpoint(20));
        assertThat(FAILURES_LEFT).hasValue(0);
        assertThat(RESTORED.get()).as("results before the last failure").isPositive();
        for (int stream = 0; stream < STREAMS; stream++) {
            String id = "s" + stream + " ";
            assertThat(disturbed.stream().filter(line -> line.startsWith(id)).toList())
                    .isEqualTo(undisturbed.stream().filter(line -> line.startsWith(id)).toList())
                    .anyMatch(line -> line.contains(" final "))
                    .anyMatch(line -> line.contains(" partial "));
        }
    }

    private List<String> run(String stateBackend, int failures, RateLimiterStrategy<?> pace)
            throws Exception {
        FAILURES_LEFT.set(failures);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration(stateBackend));
        env.setParallelism(1);
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.executeSql(AudioRows.CREATE_TRANSCRIBE);
        DataGeneratorSource<Row> source =
                new DataGeneratorSource<>(
                        TranscribeRecoveryITCase::chunk, STREAMS * CHUNKS, pace, AudioRows.TYPE);
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
                                        .formatted(folder)));
        return heard.keyBy(row -> 0)
                .process(new Gathered())
                .returns(Types.LIST(Types.STRING))
                .executeAndCollect(1)
                .getFirst();
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
        int stream = (int) (number % STREAMS);
        int at = (int) (number / STREAMS);
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
