package org.flinksigmoid.pipelines.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.utils.EncodingUtils;
import org.apache.flink.types.Row;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.table.TranscribeFunction;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.pipelines.asr.AsrOptions;
import org.flinksigmoid.pipelines.asr.AsrTopology;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;

/**
 * TRANSCRIBE against the speech job: many streams at once, as fast as they go. What SQL costs is
 * that its windows run one stream at a time. Times are those of whole jobs, start included.
 */
final class TranscribeBench {
    private static final int STREAMS = 50;
    private static final int RATE = 8000;
    private static final int CHUNK = RATE / 10;
    private static final int MOST_ROUNDS = 3;

    /** Audio from one window to the next, in chunks. */
    private static final double CHUNKS_PER_WINDOW = 6.4;

    private static final TypeInformation<Row> CHUNKS =
            Types.ROW_NAMED(
                    new String[] {"id", "seq", "ts", "audio"},
                    Types.STRING,
                    Types.LONG,
                    Types.INSTANT,
                    Types.PRIMITIVE_ARRAY(Types.BYTE));

    private final Path model;
    private final ModelOptions options;
    private final long chunks;
    private final int rounds;

    /**
     * @param model that hears 8 kHz
     * @param windows of all streams together
     * @param rounds that are asked for
     */
    TranscribeBench(Path model, ModelOptions options, int windows, int rounds) {
        this.rounds = rounds(rounds);
        this.model = model;
        this.options = options;
        this.chunks = (long) (windows / STREAMS * CHUNKS_PER_WINDOW) * STREAMS;
    }

    /** Rounds that count, of those that were asked for. */
    static int rounds(int asked) {
        return Math.min(asked, MOST_ROUNDS);
    }

    /**
     * Runs both, taking turns, after a round of each that is not counted.
     *
     * @param ratios receives the median
     * @param rows receives seconds of audio per second, that is streams in real time
     */
    void run(Map<String, Double> ratios, List<BenchResult.Row> rows, Runnable step)
            throws Exception {
        List<Double> jobRates = new ArrayList<>();
        List<Double> sqlRates = new ArrayList<>();
        List<Double> found = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double job = rate(this::job);
            double sql = rate(this::sql);
            if (round > 0) {
                jobRates.add(job);
                sqlRates.add(sql);
                found.add(sql / job);
            }
            step.run();
        }
        ratios.put("TRANSCRIBE/speech job", BenchResult.median(found));
        rows.add(BenchResult.Row.of("speech job", "audio_seconds", jobRates));
        rows.add(BenchResult.Row.of("TRANSCRIBE", "audio_seconds", sqlRates));
    }

    private interface Job {
        DataStream<?> results(StreamExecutionEnvironment env) throws Exception;
    }

    private double rate(Job job) throws Exception {
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
        job.results(env).sinkTo(new DiscardingSink<>());
        double seconds = env.execute("flink-sigmoid bench sql").getNetRuntime() / 1e3;
        return chunks * (double) CHUNK / RATE / seconds;
    }

    private DataStream<?> job(StreamExecutionEnvironment env) {
        DataStream<AudioChunk> audio =
                env.fromSource(
                        new DataGeneratorSource<>(
                                TranscribeBench::chunk,
                                chunks,
                                TypeInformation.of(AudioChunk.class)),
                        WatermarkStrategy.<AudioChunk>forMonotonousTimestamps()
                                .withTimestampAssigner((chunk, before) -> chunk.timestampMillis()),
                        "audio");
        return AsrTopology.transcribe(audio, AsrOptions.of(model).withEngine(options))
                .transcripts();
    }

    private DataStream<?> sql(StreamExecutionEnvironment env) {
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.createTemporaryView(
                "chunks",
                env.fromSource(
                        new DataGeneratorSource<>(number -> row(chunk(number)), chunks, CHUNKS),
                        WatermarkStrategy.noWatermarks(),
                        "audio"),
                Schema.newBuilder()
                        .column("id", "STRING")
                        .column("seq", "BIGINT")
                        .column("ts", "TIMESTAMP_LTZ(3)")
                        .column("audio", "BYTES")
                        .watermark("ts", "ts - INTERVAL '0.001' SECOND")
                        .build());
        tables.executeSql(
                "CREATE FUNCTION TRANSCRIBE AS '%s'".formatted(TranscribeFunction.class.getName()));
        return tables.toDataStream(tables.sqlQuery(query(model, options)));
    }

    /** The model as the speech job has it, all of its options included. */
    static String query(Path model, ModelOptions options) {
        return """
        SELECT id, kind, text FROM TRANSCRIBE(
          input => TABLE chunks PARTITION BY id, path => '%s',
          options => 'backend = %s, threads = %d, device = %d, weights = %s',
          on_time => DESCRIPTOR(ts))
        """
                .formatted(
                        EncodingUtils.escapeSingleQuotes(model.toString()),
                        options.backend(),
                        options.threads(),
                        options.device(),
                        options.weights());
    }

    /** A tenth of a second of a stream, the streams taking turns; noise that comes and goes. */
    private static AudioChunk chunk(long number) {
        int stream = (int) (number % STREAMS);
        long at = number / STREAMS;
        Random random = new Random(number);
        int loud = 500 + 7500 * (int) ((at / 5 + stream) % 2);
        short[] samples = new short[CHUNK];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) (random.nextInt(2 * loud) - loud);
        }
        return new AudioChunk("s" + stream, at, at * 100, RATE, samples, false);
    }

    private static Row row(AudioChunk chunk) {
        ByteBuffer bytes =
                ByteBuffer.allocate(2 * chunk.samples().length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(chunk.samples());
        return Row.of(
                chunk.streamId(),
                chunk.sequence(),
                Instant.ofEpochMilli(chunk.timestampMillis()),
                bytes.array());
    }
}
