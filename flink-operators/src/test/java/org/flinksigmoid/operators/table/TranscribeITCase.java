package org.flinksigmoid.operators.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.flink.table.api.Schema;
import org.apache.flink.types.Row;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.window.AudioGap;
import org.flinksigmoid.operators.window.SpeechTranscriber;
import org.flinksigmoid.operators.window.SpeechWindowSettings;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TRANSCRIBE hears in SQL what the library hears. */
class TranscribeITCase {
    private static final int RATE = 8000;
    private static final int CHUNK = 800;
    private static final long START = 1_700_000_000_000L;
    @TempDir private Path folder;
    private final Sql sql = Sql.streaming();

    @BeforeEach
    void writeModel() {
        TinyCheckpoint.speech().write(folder);
        sql.run(AudioRows.CREATE_TRANSCRIBE);
    }

    private static List<Row> chunks(String id, short[] samples) {
        List<Row> rows = new ArrayList<>();
        for (int from = 0; from < samples.length; from += CHUNK) {
            int to = Math.min(samples.length, from + CHUNK);
            rows.add(
                    AudioRows.row(
                            id,
                            rows.size(),
                            START + from * 1000L / RATE,
                            Arrays.copyOfRange(samples, from, to),
                            to == samples.length));
        }
        return rows;
    }

    private void table(List<Row> rows) {
        sql.env.setParallelism(1);
        sql.tables.createTemporaryView(
                "chunks",
                sql.env.fromData(AudioRows.TYPE, rows.toArray(Row[]::new)),
                AudioRows.SCHEMA);
    }

    private List<Row> transcribe(String arguments) throws Exception {
        return sql.query(
                "SELECT id, kind, text, detail FROM TRANSCRIBE(input => TABLE chunks PARTITION BY id%s, on_time => DESCRIPTOR(ts))"
                        .formatted(arguments));
    }

    private String path() {
        return ", path => '%s'".formatted(folder);
    }

    /** What the library makes of the same chunks, in order. */
    private List<String> heard(short[] samples) {
        List<String> texts = new ArrayList<>();
        try (SpeechModel model = SpeechModel.load(folder, ModelOptions.defaults())) {
            SpeechTranscriber transcriber =
                    new SpeechTranscriber(
                            model.preprocessor(),
                            new CtcLabels(model.labels(), 0),
                            SpeechWindowSettings.DEFAULT,
                            true,
                            model::infer);
            AudioChunk all = new AudioChunk("x", 0, START, RATE, samples, true);
            transcriber.accept(
                    SpeechTranscriber.State.none(), all, Long.MIN_VALUE, new Finals(texts));
        }
        return texts;
    }

    private record Finals(List<String> texts) implements SpeechTranscriber.Results {
        @Override
        public void transcript(Transcript transcript) {
            if (transcript.isFinal()) {
                texts.add(transcript.text());
            }
        }

        @Override
        public void gap(AudioGap gap) {
            throw new AssertionError(gap);
        }

        @Override
        public void late(AudioChunk chunk) {
            throw new AssertionError(chunk);
        }

        @Override
        public void rejected(AudioChunk chunk, String reason) {
            throw new AssertionError(reason);
        }

        @Override
        public void duplicate(AudioChunk chunk) {
            throw new AssertionError(chunk);
        }
    }

    @Test
    void streamsThatComeInDisorderAreHeardAsTheLibraryHearsThem() throws Exception {
        short[] one = Tone.of(RATE, 5);
        short[] two = Arrays.copyOf(Tone.of(RATE, 7), 6 * RATE);
        List<Row> rows = new ArrayList<>(chunks("one", one));
        rows.addAll(chunks("two", two));
        // Within a second of each other, so nothing is late.
        rows.sort((a, b) -> a.<Instant>getFieldAs(2).compareTo(b.getFieldAs(2)));
        Random random = new Random(5);
        for (int from = 0; from < rows.size(); from += 6) {
            Collections.shuffle(rows.subList(from, Math.min(rows.size(), from + 6)), random);
        }
        table(rows);

        List<Row> results = transcribe(path());

        assertThat(finals(results, "one")).isEqualTo(heard(one)).isNotEmpty();
        assertThat(finals(results, "two")).isEqualTo(heard(two)).isNotEmpty();
        assertThat(results).extracting(row -> row.getField("kind")).contains("partial");
    }

    private static List<String> finals(List<Row> rows, String id) {
        return rows.stream()
                .filter(
                        row ->
                                row.getField("id").equals(id)
                                        && row.getField("kind").equals("final"))
                .map(row -> row.<String>getFieldAs("text"))
                .collect(Collectors.toList());
    }

    @Test
    void withoutNumbersTheRowsAreOrderedByTime() throws Exception {
        short[] one = Tone.of(RATE, 4);
        List<Row> rows = chunks("one", one);
        Collections.swap(rows, 3, 4);
        Collections.swap(rows, 11, 14);
        table(rows);
        sql.run("CREATE VIEW unnumbered AS SELECT id, ts, audio, is_last FROM chunks");

        List<Row> results =
                sql.query(
                        "SELECT id, kind, text, detail FROM TRANSCRIBE(input => TABLE unnumbered PARTITION BY id ORDER BY ts%s, on_time => DESCRIPTOR(ts))"
                                .formatted(path()));

        assertThat(finals(results, "one")).isEqualTo(heard(one));
    }

    @Test
    void timesAreOnTheClockOfTheTimeColumn() throws Exception {
        ZoneId zone = ZoneId.of("Asia/Tokyo");
        sql.tables.getConfig().setLocalTimeZone(zone);
        List<Row> rows = chunks("one", Tone.of(RATE, 4));
        table(rows);
        sql.tables.createTemporaryView(
                "local_chunks",
                sql.env.fromData(AudioRows.TYPE, rows.toArray(Row[]::new)),
                Schema.newBuilder()
                        .fromSchema(AudioRows.COLUMNS)
                        .columnByExpression("local_ts", "CAST(ts AS TIMESTAMP(3))")
                        .watermark("local_ts", "local_ts - INTERVAL '1' SECOND")
                        .build());
        String times =
                "SELECT start_time FROM TRANSCRIBE(input => TABLE %s PARTITION BY id%s, on_time =>"
                        + " DESCRIPTOR(%s)) WHERE kind = 'final'";

        Instant zoned = sql.query(times.formatted("chunks", path(), "ts")).getFirst().getFieldAs(0);
        LocalDateTime local =
                sql.query(times.formatted("local_chunks", path(), "local_ts"))
                        .getFirst()
                        .getFieldAs(0);

        assertThat(zoned)
                .isBetween(Instant.ofEpochMilli(START), Instant.ofEpochMilli(START + 4000));
        assertThat(local.atZone(zone).toInstant()).isEqualTo(zoned);
    }

    @Test
    void audioThatIsMissingOrNoneIsReported() throws Exception {
        List<Row> rows = chunks("one", Tone.of(RATE, 6));
        rows.remove(20);
        rows.get(7).setField(3, new byte[] {1, 2, 3});
        table(rows);

        List<Row> results = transcribe(path() + ", options => 'transcript.partials = false'");

        assertThat(results)
                .extracting(row -> row.getField("kind"))
                .contains("gap", "rejected", "final")
                .doesNotContain("partial");
        assertThat(results)
                .filteredOn(row -> "rejected".equals(row.getField("kind")))
                .extracting(row -> row.<String>getFieldAs("detail"))
                .singleElement()
                .asString()
                .contains("even number of bytes, found 3");
    }

    @Test
    void aPlanCanBeCompiledAndRun() throws Exception {
        Path plan = folder.resolve("plan.json");
        sql.run("CREATE TEMPORARY TABLE heard (kind STRING) WITH ('connector' = 'blackhole')");
        sql.run(
                """
                CREATE TEMPORARY TABLE generated (
                  id STRING, seq BIGINT, ts TIMESTAMP_LTZ(3), audio BYTES, WATERMARK FOR ts AS ts)
                WITH ('connector' = 'datagen', 'number-of-rows' = '3')
                """);
        sql.run(
                """
                COMPILE PLAN '%s' FOR INSERT INTO heard SELECT kind FROM TRANSCRIBE(
                  input => TABLE generated PARTITION BY id%s, on_time => DESCRIPTOR(ts))
                """
                        .formatted(plan, path()));
        sql.tables.executeSql("EXECUTE PLAN '%s'".formatted(plan)).await();
    }

    /** Flink 2.3 has no batch plan for process table functions; a bounded stream is the way. */
    @Test
    void batchModeIsRefusedWhenPlanned() {
        Sql batch = Sql.batch();
        batch.run(AudioRows.CREATE_TRANSCRIBE);
        batch.tables.createTemporaryView(
                "chunks",
                batch.env.fromData(
                        AudioRows.TYPE, chunks("one", Tone.of(RATE, 1)).toArray(Row[]::new)),
                AudioRows.SCHEMA);
        assertThatThrownBy(
                        () ->
                                batch.query(
                                        "SELECT * FROM TRANSCRIBE(input => TABLE chunks PARTITION BY id%s, on_time => DESCRIPTOR(ts))"
                                                .formatted(path())))
                .hasStackTraceContaining("Cannot generate a valid execution plan")
                .hasStackTraceContaining("convention=BATCH_PHYSICAL");
    }

    @Test
    void callsThatCannotWorkAreRefusedWhenPlanned() throws Exception {
        table(chunks("one", Tone.of(RATE, 1)));
        assertThatThrownBy(() -> transcribe(", path => '/nowhere'"))
                .hasStackTraceContaining("found nothing at /nowhere");
        assertThatThrownBy(() -> transcribe(path() + ", options => 'speech.lateness=1s'"))
                .hasStackTraceContaining("found \"speech.lateness=1s\"");
        assertThatThrownBy(() -> transcribe(path() + ", options => 'speech.idle-timeout=1ms'"))
                .hasStackTraceContaining("speech.idle-timeout: expected at least");
        assertThatThrownBy(() -> transcribe(path() + ", options => CONCAT('threads = ', '2')"))
                .hasStackTraceContaining(
                        "TRANSCRIBE, options: expected a literal, found an expression");
        assertThatThrownBy(() -> transcribe(", path => CAST(NULL AS STRING)"))
                .hasStackTraceContaining("TRANSCRIBE, path: expected a literal, found none");
        sql.run("CREATE VIEW silent AS SELECT id, seq, ts FROM chunks");
        assertThatThrownBy(
                        () ->
                                sql.query(
                                        "SELECT * FROM TRANSCRIBE(input => TABLE silent PARTITION BY id%s, on_time => DESCRIPTOR(ts))"
                                                .formatted(path())))
                .hasStackTraceContaining("expected a column audio BYTES");
    }
}
