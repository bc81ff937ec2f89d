package org.flinksigmoid.operators.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.operators.inference.InferenceFunction;
import org.flinksigmoid.operators.inference.InvalidRecordException;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flink's Prometheus reporter shows our metrics, and their counts reconcile. */
class PrometheusITCase {
    private static final int RECORDS = 500;
    private static final int BAD_EVERY = 50;
    private static final List<String> COUNTERS =
            List.of(
                    "recordsAccepted",
                    "totalRecordsProcessed",
                    "recordsSkipped",
                    "deadLetters",
                    "totalBatchesProcessed",
                    "asyncCallFailures",
                    "batchRetryCount",
                    "batchBisectionCount",
                    "batchTimeoutCount");
    private static final List<String> HISTOGRAMS =
            List.of(
                    "batchSize",
                    "batchTokens",
                    "batchLatencyMs",
                    "queueWaitMs",
                    "asyncCallDurationMs",
                    "recordLatencyMs");

    /** Of every operator, with or without a model. */
    private static final List<String> GAUGES =
            List.of(
                    "recordsInFlight",
                    "recordsWaiting",
                    "inflightBatches",
                    "modelVersionNumber",
                    "modelsLoaded",
                    "modelBytes",
                    "modelDeviceBytes",
                    "modelLoadMs",
                    "modelSwaps",
                    "modelRefusals",
                    "breakerState",
                    "breakerOpenings",
                    "breakerFallbackCalls");

    /** Holds the source open after the last record, so that the metrics stay. */
    private static final CountDownLatch SCRAPED = new CountDownLatch(1);

    @TempDir private Path folder;

    /** Lengths of texts; every fiftieth text is refused. */
    private static final class Lengths implements InferenceFunction<Row, Integer> {
        private static final long serialVersionUID = 1L;

        @Override
        public List<Integer> infer(List<Row> batch) throws InvalidRecordException {
            for (int i = 0; i < batch.size(); i++) {
                long id = batch.get(i).<Long>getFieldAs(0);
                if (id % BAD_EVERY == 0) {
                    throw new InvalidRecordException(i, "bad on purpose");
                }
            }
            return batch.stream().map(row -> row.<String>getFieldAs(1).length()).toList();
        }
    }

    private static Row row(long id) throws InterruptedException {
        if (id == RECORDS) {
            SCRAPED.await();
        }
        return Row.of(id, "text " + id);
    }

    @Test
    void everyMetricIsScrapedAndCountsReconcile() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Configuration configuration = new Configuration();
        configuration.setString(
                "metrics.reporter.prom.factory.class",
                "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
        configuration.setString("metrics.reporter.prom.port", Integer.toString(port));
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        env.disableOperatorChaining(); // the source waits, the operators go on
        DataStream<Row> rows =
                env.fromSource(
                        new DataGeneratorSource<>(
                                PrometheusITCase::row,
                                RECORDS + 1L,
                                Types.ROW(Types.LONG, Types.STRING)),
                        WatermarkStrategy.noWatermarks(),
                        "rows");
        MicroBatchInference.of(new Lengths(), Integer.class)
                .name("lengths")
                .deadLetters(MicroBatchInference.deadLetterTag("bad", rows.getType()))
                .apply(rows)
                .sinkTo(new DiscardingSink<>());
        predict(env, rows);

        JobClient job = env.executeAsync();
        try {
            Scrape scrape = scrapeWhenDone(port);
            for (String operator : List.of("lengths", "MLPredict")) {
                COUNTERS.forEach(name -> assertThat(scrape.value(operator, name)).isPresent());
                GAUGES.forEach(name -> assertThat(scrape.value(operator, name)).isPresent());
                HISTOGRAMS.forEach(
                        name -> {
                            assertThat(scrape.value(operator, name + "_count")).isPresent();
                            assertThat(scrape.value(operator, name)).isPresent();
                        });
            }
            long bad = RECORDS / BAD_EVERY;
            assertThat(scrape.count("lengths", "recordsAccepted")).isEqualTo(RECORDS);
            assertThat(scrape.count("lengths", "deadLetters")).isEqualTo(bad);
            assertThat(scrape.count("lengths", "totalRecordsProcessed")).isEqualTo(RECORDS - bad);
            assertThat(scrape.count("lengths", "recordsInFlight")).isZero();
            assertThat(scrape.count("lengths", "asyncCallFailures")).isEqualTo(bad);
            assertThat(scrape.count("MLPredict", "recordsAccepted")).isEqualTo(RECORDS);
            assertThat(scrape.count("MLPredict", "totalRecordsProcessed")).isEqualTo(RECORDS);
            assertThat(scrape.count("MLPredict", "batchSize_count"))
                    .isEqualTo(scrape.count("MLPredict", "totalBatchesProcessed"));
            assertThat(scrape.count("MLPredict", "modelsLoaded")).isEqualTo(1);
            assertThat(scrape.count("MLPredict", "modelBytes")).isPositive();
            assertThat(scrape.count("MLPredict", "modelVersionNumber")).isPositive();
        } finally {
            SCRAPED.countDown();
        }
        job.getJobExecutionResult().get();
    }

    private void predict(StreamExecutionEnvironment env, DataStream<Row> rows) {
        TinyCheckpoint.text("score").write(folder);
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.executeSql(
                """
                CREATE MODEL m INPUT (text STRING) OUTPUT (score FLOAT)
                WITH ('provider' = 'flink-sigmoid', 'path' = '%s')
                """
                        .formatted(folder));
        tables.createTemporaryView("texts", rows);
        tables.toDataStream(
                        tables.sqlQuery(
                                "SELECT score FROM"
                                        + " ML_PREDICT(TABLE texts, MODEL m, DESCRIPTOR(f1))"))
                .sinkTo(new DiscardingSink<>());
    }

    private static Scrape scrape(int port) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI metrics = URI.create("http://localhost:" + port + "/metrics");
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(metrics).build(),
                            HttpResponse.BodyHandlers.ofString());
            return new Scrape(response.body().lines().toList());
        }
    }

    /** What Prometheus would see once all records have come out. */
    private static Scrape scrapeWhenDone(int port) throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        Scrape scrape = new Scrape(List.of());
        while (System.nanoTime() < deadline) {
            try {
                scrape = scrape(port);
                if (scrape.isDone("lengths") && scrape.isDone("MLPredict")) {
                    return scrape(port); // nothing moves any more
                }
            } catch (IOException e) {
                // The reporter comes with the TaskManager.
            }
            Thread.sleep(100);
        }
        throw new AssertionError("not done in time: " + String.join("\n", scrape.lines()));
    }

    /**
     * Lines of Prometheus' text format.
     *
     * @param lines {@code name{label="value",...} number}
     */
    private record Scrape(List<String> lines) {
        private static final String PREFIX = "flink_taskmanager_job_task_operator_inference_";

        /** A metric of the operator whose name begins like that. */
        OptionalDouble value(String operator, String name) {
            return lines.stream()
                    .filter(line -> line.startsWith(PREFIX + name + "{"))
                    .filter(line -> line.contains("operator_name=\"" + operator))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .max();
        }

        long count(String operator, String name) {
            return (long) value(operator, name).orElseThrow();
        }

        /** Not while an operator is being opened, where some metrics are there and others not. */
        boolean isDone(String operator) {
            return value(operator, "totalRecordsProcessed").orElse(0)
                            + value(operator, "deadLetters").orElse(0)
                    == RECORDS;
        }
    }
}
