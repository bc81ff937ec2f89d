package org.flinksigmoid.operators.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows in flight in ML_PREDICT come out once each, in order, whatever fails. */
class MlPredictRecoveryITCase {
    private static final int ROWS = 3000;
    private static final AtomicInteger FAILURES = new AtomicInteger();

    @TempDir private Path folder;

    @Test
    void everyRowComesOutOnceAndInOrderAcrossFailures() throws Exception {
        FAILURES.set(0);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration());
        env.setParallelism(1);
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.executeSql(
                """
                CREATE MODEL m INPUT (text STRING) OUTPUT (label STRING)
                WITH ('provider' = 'flink-sigmoid', 'path' = '%s',
                      'inference.max-batch-size' = '32', 'inference.batch-timeout' = '20 ms')
                """
                        .formatted(Sql.classifier(folder)));
        DataGeneratorSource<Row> source =
                new DataGeneratorSource<>(
                        id -> Row.of(id, "text " + id),
                        ROWS,
                        RateLimiterStrategy.perSecond(1500),
                        Types.ROW(Types.LONG, Types.STRING));
        DataStream<Row> rows = env.fromSource(source, WatermarkStrategy.noWatermarks(), "rows");
        tables.createTemporaryView("texts", rows, Schema.newBuilder().build());

        DataStream<Row> labelled =
                tables.toDataStream(
                        tables.sqlQuery(
                                "SELECT f0, label FROM ML_PREDICT(TABLE texts, MODEL m,"
                                        + " DESCRIPTOR(f1))"));
        List<Long> last = labelled.keyBy(row -> 0).process(new InOrder()).executeAndCollect(1);

        assertThat(last).containsExactly(ROWS - 1L);
        assertThat(FAILURES.get()).isEqualTo(3);
    }

    private static Configuration configuration() {
        Configuration configuration = new Configuration();
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 5);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));
        return configuration;
    }

    /** Fails three times; sends the last id if all of them came, one after the other. */
    private static final class InOrder extends KeyedProcessFunction<Integer, Row, Long> {
        private static final long serialVersionUID = 1L;
        private static final int EVERY = 700;
        private transient ValueState<Long> next;

        @Override
        public void open(OpenContext context) {
            next = getRuntimeContext().getState(new ValueStateDescriptor<>("next", Types.LONG));
        }

        @Override
        public void processElement(Row row, Context context, Collector<Long> out) throws Exception {
            long expected = next.value() == null ? 0 : next.value();
            long id = row.getFieldAs(0);
            if (id != expected || row.getField(1) == null) {
                // Not an exception: that would only restart the job.
                out.collect(-1 - id);
            }
            if (FAILURES.get() < 3 && id == EVERY * (FAILURES.get() + 1L)) {
                FAILURES.incrementAndGet();
                throw new IllegalStateException("injected at " + id);
            }
            next.update(id + 1);
            if (id == ROWS - 1) {
                out.collect(id);
            }
        }
    }
}
