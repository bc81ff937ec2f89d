package org.flinksigmoid.operators.cookbook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.operators.inference.InferenceFunction;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.ModelUpdate;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.operators.types.Transcript;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every recipe of the cookbook runs and gives what it says. */
class CookbookITCase {
    private static final long START = 1_700_000_000_000L;
    private static final int RATE = 8000;

    @TempDir private Path folder;

    private static StreamExecutionEnvironment environment(RuntimeExecutionMode mode) {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(ExecutionOptions.RUNTIME_MODE, mode);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        return env;
    }

    private static StreamExecutionEnvironment streaming() {
        return environment(RuntimeExecutionMode.STREAMING);
    }

    private static <T> List<T> collect(DataStream<T> stream) throws Exception {
        List<T> all = new ArrayList<>();
        try (CloseableIterator<T> results = stream.executeAndCollect()) {
            results.forEachRemaining(all::add);
        }
        return all;
    }

    private static DataStream<TextMessage> messages(
            StreamExecutionEnvironment env, String... texts) {
        List<TextMessage> messages = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            messages.add(new TextMessage("ann", Integer.toString(i), texts[i], START + 1000L * i));
        }
        return env.fromData(
                        TypeInformation.of(TextMessage.class), messages.toArray(TextMessage[]::new))
                .assignTimestampsAndWatermarks(
                        WatermarkStrategy.<TextMessage>forMonotonousTimestamps()
                                .withTimestampAssigner((m, before) -> m.timestampMillis()));
    }

    private static short[] samples(double seconds) {
        short[] samples = new short[(int) (RATE * seconds)];
        for (int i = 0; i < samples.length; i++) {
            double pitch = 300 + 200 * Math.floor(5.0 * i / RATE);
            samples[i] = (short) (8000 * Math.sin(2 * Math.PI * pitch * i / RATE));
        }
        return samples;
    }

    @Test
    void captionsComeOutAndLateChunksApart() throws Exception {
        TinyCheckpoint.speech().write(folder);
        StreamExecutionEnvironment env = streaming();
        short[] samples = samples(4);
        List<AudioChunk> chunks = new ArrayList<>();
        for (int from = 0; from < samples.length; from += RATE / 2) {
            short[] part = Arrays.copyOfRange(samples, from, from + RATE / 2);
            long time = START + 1000L * from / RATE;
            boolean last = from + RATE / 2 == samples.length;
            chunks.add(new AudioChunk("call", chunks.size(), time, RATE, part, last));
        }
        chunks.add(new AudioChunk("old", 0, START - 60_000, RATE, samples, true));
        DataStream<AudioChunk> stream =
                env.fromData(
                                TypeInformation.of(AudioChunk.class),
                                chunks.toArray(AudioChunk[]::new))
                        .assignTimestampsAndWatermarks(
                                WatermarkStrategy.<AudioChunk>forGenerator(c -> new EveryRecord<>())
                                        .withTimestampAssigner((c, before) -> c.timestampMillis()));

        LiveCaptions captions = LiveCaptions.of(stream, folder.toString());
        DataStream<String> all =
                captions.captions()
                        .map(CookbookITCase::line)
                        .returns(Types.STRING)
                        .union(
                                captions.late()
                                        .map(chunk -> "late " + chunk.streamId())
                                        .returns(Types.STRING));

        List<String> lines = collect(all);
        assertThat(lines).contains("late old").doesNotContain("late call");
        assertThat(lines).anyMatch(line -> line.startsWith("final call "));
        assertThat(lines).noneMatch(line -> line.contains(" old "));
    }

    private static String line(Transcript transcript) {
        return "%s %s %s"
                .formatted(
                        transcript.isFinal() ? "final" : "partial",
                        transcript.streamId(),
                        transcript.text());
    }

    @Test
    void messagesAreRoutedByLanguage() throws Exception {
        TinyCheckpoint.text("text-classification").write(folder);
        StreamExecutionEnvironment env = streaming();
        DataStream<TextMessage> messages = messages(env, "guten Tag", "good day", "bonjour", "");

        DataStream<LanguageRouter.Routed> routed =
                LanguageRouter.route(messages, folder.toString());
        DataStream<TextMessage> branches =
                LanguageRouter.in("yes", routed)
                        .union(
                                LanguageRouter.in("no", routed),
                                LanguageRouter.in("maybe", routed),
                                LanguageRouter.in("unsure", routed));

        assertThat(collect(branches))
                .extracting(TextMessage::id)
                .containsExactlyInAnyOrder("0", "1", "2", "3");
    }

    /** Fails its first two calls, and always on a mail with the word poison. */
    private static final class Flaky implements InferenceFunction<TextMessage, Score> {
        private static final long serialVersionUID = 1L;
        private static final AtomicInteger CALLS = new AtomicInteger();

        @Override
        public List<Score> infer(List<TextMessage> batch) {
            if (CALLS.incrementAndGet() <= 2) {
                throw new IllegalStateException("the device is away");
            }
            if (batch.stream().anyMatch(mail -> mail.text().contains("poison"))) {
                throw new IllegalArgumentException("can't read this");
            }
            return batch.stream().map(Flaky::score).toList();
        }

        private static Score score(TextMessage mail) {
            float score = mail.text().contains("win") ? 0.9f : 0.1f;
            return new Score(
                    mail.key(),
                    mail.id(),
                    "",
                    score,
                    new float[] {score},
                    mail.text().length(),
                    mail.timestampMillis(),
                    "1");
        }
    }

    @Test
    void spamIsFoundAndBadMailsAreSetAside() throws Exception {
        Flaky.CALLS.set(0);
        StreamExecutionEnvironment env = streaming();
        DataStream<TextMessage> mails =
                messages(env, "hello", "win money", "poison", "see you", "win more");

        SpamFilter filter = SpamFilter.of(mails, new Flaky());
        DataStream<String> all =
                filter.spam()
                        .map(score -> "spam " + score.id())
                        .returns(Types.STRING)
                        .union(
                                filter.setAside()
                                        .map(letter -> "aside " + letter.original().id())
                                        .returns(Types.STRING));

        assertThat(collect(all)).containsExactlyInAnyOrder("spam 1", "spam 4", "aside 2");
    }

    @Test
    void aCandidateIsComparedWithTheModelInUse() throws Exception {
        TinyCheckpoint inUse = TinyCheckpoint.text("text-classification");
        inUse.write(folder.resolve("in-use"));
        TinyCheckpoint candidate = TinyCheckpoint.text("text-classification");
        candidate.config.withObjectProperty("id2label").put("0", "nein").put("1", "ja");
        candidate.write(folder.resolve("candidate"));
        String path = folder.resolve("candidate").toString();
        StreamExecutionEnvironment env = streaming();

        NewModelTrial trial =
                NewModelTrial.of(
                        messages(env, "guten Tag", "good day", "bonjour"),
                        folder.resolve("in-use").toString(),
                        path,
                        env.fromData(
                                TypeInformation.of(ModelUpdate.class), ModelUpdate.ofSecond(path)));
        DataStream<String> lines =
                trial.answers()
                        .map(score -> score.id() + " " + score.label())
                        .returns(Types.STRING)
                        .union(
                                trial.differences()
                                        .map(found -> found.id() + " not " + found.answer())
                                        .returns(Types.STRING));

        List<String> all = collect(lines);
        assertThat(all).filteredOn(line -> !line.contains("not")).hasSize(3);
        // "maybe" is called the same by both
        assertThat(all)
                .filteredOn(line -> line.contains("not"))
                .containsExactlyInAnyOrderElementsOf(
                        all.stream()
                                .filter(line -> line.matches(". (yes|no)"))
                                .map(line -> line.replace(" ", " not "))
                                .toList())
                .isNotEmpty();
    }

    @Test
    void conversationsAreScoredAsTheyGrow() throws Exception {
        TinyCheckpoint.text("score").write(folder);
        StreamExecutionEnvironment env = streaming();
        DataStream<TextMessage> messages = messages(env, "a", "bc", "def");

        assertThat(collect(Conversations.soFar(messages, folder.toString())))
                .extracting(Score::characters)
                .containsExactly("a".length(), "a bc".length(), "a bc def".length());
    }

    @Test
    void beginningsOfMessagesAreScored() throws Exception {
        TinyCheckpoint.text("score").write(folder);
        StreamExecutionEnvironment env = streaming();
        DataStream<TextMessage> messages = messages(env, "a text of twenty-six characters");

        assertThat(collect(Conversations.beginnings(messages, folder.toString())))
                .extracting(Score::characters)
                .contains(8, 16);
    }

    private List<Row> sql(StreamTableEnvironment tables, String block) throws Exception {
        List<Row> rows = new ArrayList<>();
        for (String statement : Documents.statements(block)) {
            String here = statement.replace("/models", folder.toString());
            try (CloseableIterator<Row> results = tables.executeSql(here).collect()) {
                if (statement.startsWith("SELECT")) {
                    results.forEachRemaining(rows::add);
                }
            }
        }
        return rows;
    }

    @Test
    void theNearestTopicOfATopicIsItself() throws Exception {
        TinyCheckpoint.text("embedding").write(folder.resolve("embedding"));
        StreamTableEnvironment tables =
                StreamTableEnvironment.create(environment(RuntimeExecutionMode.BATCH));
        tables.executeSql(
                "CREATE VIEW topics AS SELECT * FROM (VALUES ('sport'), ('weather')) AS t(topic)");
        tables.executeSql(
                "CREATE VIEW messages AS SELECT * FROM (VALUES (1, 'weather'), (2, 'sport')) AS"
                        + " m(id, text)");

        List<Row> rows = sql(tables, Documents.blocks(Documents.COOKBOOK, "sql").getFirst());

        assertThat(rows).containsExactlyInAnyOrder(Row.of(1, "weather"), Row.of(2, "sport"));
    }

    @Test
    void callsAreTranscribedInSql() throws Exception {
        TinyCheckpoint.speech().write(folder.resolve("speech"));
        StreamExecutionEnvironment env = streaming();
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        List<Row> chunks = new ArrayList<>();
        byte[] audio = new byte[RATE];
        ByteBuffer.wrap(audio).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().put(samples(0.5));
        for (long i = 0; i < 12; i++) {
            if (i != 5) {
                chunks.add(Row.of("call", i, Instant.ofEpochMilli(START + 500 * i), audio));
            }
        }
        tables.createTemporaryView(
                "calls",
                env.fromData(
                        Types.ROW_NAMED(
                                new String[] {"call_id", "seq", "ts", "audio"},
                                Types.STRING,
                                Types.LONG,
                                Types.INSTANT,
                                Types.PRIMITIVE_ARRAY(Types.BYTE)),
                        chunks.toArray(Row[]::new)),
                Schema.newBuilder()
                        .column("call_id", "STRING")
                        .column("seq", "BIGINT")
                        .column("ts", "TIMESTAMP_LTZ(3)")
                        .column("audio", "BYTES")
                        .watermark("ts", "ts - INTERVAL '1' SECOND")
                        .build());

        List<Row> rows = sql(tables, Documents.blocks(Documents.COOKBOOK, "sql").getLast());

        assertThat(rows).filteredOn(row -> row.getArity() == 2).isNotEmpty();
        assertThat(rows)
                .filteredOn(row -> row.getArity() == 3)
                .singleElement()
                .satisfies(row -> assertThat(row.getField("kind")).isEqualTo("gap"));
    }
}
