package org.flinksigmoid.pipelines.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.utils.EncodingUtils;
import org.apache.flink.types.Row;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.InferenceOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;
import org.flinksigmoid.pipelines.local.JobMetrics;
import org.flinksigmoid.pipelines.local.LocalSink;

/**
 * ML_PREDICT against the DataStream operator: the same rows, model, batch size and order, from the
 * same source into the same sink. Start-up is not counted: rates are those between the first and
 * the last result. And {@link TranscribeBench}.
 */
public final class SqlBench {
    /** Rounds that {@link #run} takes a median of. */
    public static final int ROUNDS = 5;

    private static final int LONGEST_TEXT = 120;
    private static final TypeInformation<Row> TEXTS = Types.ROW(Types.LONG, Types.STRING);
    private static final TypeInformation<Row> LABELS =
            Types.ROW(Types.LONG, Types.STRING, Types.FLOAT);

    private SqlBench() {}

    /** A job between source and sink. */
    private interface Scoring {
        DataStream<Row> apply(StreamExecutionEnvironment env, DataStream<Row> texts);
    }

    /** What a round found: results per second, records per batch. */
    private record Measured(double rate, double batch) {}

    /**
     * Runs both jobs, taking turns, after a round of each that is not counted: the JVM compiles in
     * it. Ratios are medians over the rounds.
     *
     * @param folder of a model that classifies texts
     * @param speech folder of a model that hears 8 kHz, for TRANSCRIBE against the speech job
     * @param rows per round, texts or windows
     * @param rounds that count; for TRANSCRIBE at most three do
     */
    public static BenchResult run(
            Path folder, Path speech, ModelOptions options, int rows, int rounds, Runnable step)
            throws Exception {
        List<Double> operatorRates = new ArrayList<>();
        List<Double> sqlRates = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        List<Double> fills = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            Measured operator = job(rows, (env, texts) -> operator(folder, options, texts));
            Measured sql = job(rows, (env, texts) -> sql(folder, options, env, texts));
            if (round > 0) {
                operatorRates.add(operator.rate());
                sqlRates.add(sql.rate());
                ratios.add(sql.rate() / operator.rate());
                fills.add(sql.batch() / InferenceOptions.MAX_BATCH_SIZE.defaultValue());
            }
            step.run();
        }
        Map<String, Double> allRatios = new LinkedHashMap<>();
        allRatios.put("ML_PREDICT/operator", BenchResult.median(ratios));
        allRatios.put("mean batch/configured batch", BenchResult.median(fills));
        List<BenchResult.Row> allRows = new ArrayList<>();
        allRows.add(BenchResult.Row.of("DataStream operator", "texts", operatorRates));
        allRows.add(BenchResult.Row.of("ML_PREDICT", "texts", sqlRates));
        new TranscribeBench(speech, options, rows, rounds).run(allRatios, allRows, step);
        return new BenchResult("sql", allRatios, allRows);
    }

    /** Steps, for a progress bar. */
    public static int steps(int rounds) {
        return rounds + 1 + TranscribeBench.rounds(rounds) + 1;
    }

    private static Measured job(int rows, Scoring scoring) throws Exception {
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
        JobMetrics.reset();
        DataStream<Row> texts =
                env.fromSource(
                        new DataGeneratorSource<>(SqlBench::text, rows, TEXTS),
                        WatermarkStrategy.noWatermarks(),
                        "texts");
        ResultClock clock = new ResultClock();
        try (LocalSink<Row> sink = LocalSink.to(Row.class, clock)) {
            scoring.apply(env, texts).sinkTo(sink);
            env.execute("flink-sigmoid bench sql");
        }
        double batch =
                (double) JobMetrics.count("totalRecordsProcessed")
                        / JobMetrics.count("totalBatchesProcessed");
        return new Measured(clock.rate(), batch);
    }

    /** Words of made-up letters, 20 to 120 characters; the same for the same id. */
    private static Row text(long id) {
        Random random = new Random(id);
        int length = 20 + random.nextInt(LONGEST_TEXT - 19);
        StringBuilder text = new StringBuilder(length);
        while (text.length() < length) {
            text.append(random.nextInt(6) == 0 ? ' ' : (char) ('a' + random.nextInt(26)));
        }
        return Row.of(id, text.toString());
    }

    private static DataStream<Row> operator(
            Path folder, ModelOptions options, DataStream<Row> texts) {
        TextInference<Row, Row> inference =
                new TextInference<>(
                        folder.toString(),
                        options,
                        row -> row.getFieldAs(1),
                        (row, said) -> Row.of(row.getField(0), said.label(), said.score()));
        return MicroBatchInference.of(inference, LABELS).uid("operator").apply(texts);
    }

    private static DataStream<Row> sql(
            Path folder,
            ModelOptions options,
            StreamExecutionEnvironment env,
            DataStream<Row> texts) {
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.createTemporaryView("texts", texts);
        tables.executeSql(createModel(folder, options));
        return tables.toDataStream(
                tables.sqlQuery(
                        "SELECT f0, label, score FROM"
                                + " ML_PREDICT(TABLE texts, MODEL langid, DESCRIPTOR(f1))"));
    }

    /** The model as the operator has it, all of its options included. */
    static String createModel(Path folder, ModelOptions options) {
        return """
        CREATE MODEL langid INPUT (text STRING) OUTPUT (label STRING, score FLOAT)
        WITH ('provider' = 'flink-sigmoid', 'path' = '%s', 'backend' = '%s',
              'threads' = '%d', 'device' = '%d', 'weights' = '%s')
        """
                .formatted(
                        EncodingUtils.escapeSingleQuotes(folder.toString()),
                        options.backend(),
                        options.threads(),
                        options.device(),
                        options.weights());
    }
}
