package org.flinksigmoid.operators.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.types.Row;
import org.flinksigmoid.kernels.audio.SpeechFrontEnd;
import org.flinksigmoid.kernels.audio.WavFile;
import org.flinksigmoid.kernels.decode.CtcGreedy;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.kernels.model.TextModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ML_PREDICT gives what the model gives, in streaming and batch mode. */
class MlPredictITCase {
    private static final float ROUNDING = 1e-5f;
    private static final String TEXTS =
            "(VALUES ('guten Tag'), ('good day'), (CAST(NULL AS STRING)), ('')) AS t(text)";

    @TempDir private Path folder;

    @Test
    void classificationGivesLabelScoreAndAllScoresInStreamingMode() throws Exception {
        classification(Sql.streaming());
    }

    @Test
    void classificationGivesLabelScoreAndAllScoresInBatchMode() throws Exception {
        classification(Sql.batch());
    }

    private void classification(Sql sql) throws Exception {
        String path = Sql.classifier(folder);
        sql.model(
                "m",
                "text STRING",
                "label STRING, score FLOAT, scores MAP<STRING, DOUBLE>, model_version STRING",
                Map.of("path", path, "task", "text-classification"));
        sql.run("CREATE VIEW texts AS SELECT text FROM " + TEXTS);

        List<Row> rows =
                sql.query("SELECT * FROM ML_PREDICT(TABLE texts, MODEL m, DESCRIPTOR(text))");

        assertThat(rows).hasSize(4);
        try (TextModel model = TextModel.load(folder, ModelOptions.defaults())) {
            for (Row row : rows) {
                String text = row.getFieldAs("text");
                if (text == null) {
                    assertThat((Object) row.getField("label")).isNull();
                    assertThat((Object) row.getField("scores")).isNull();
                    continue;
                }
                float[] expected = model.infer(List.of(model.encode(text))).getFirst();
                Map<String, Double> scores = row.getFieldAs("scores");
                for (int i = 0; i < expected.length; i++) {
                    assertThat(scores.get(model.labels().get(i)))
                            .isCloseTo(expected[i], within((double) ROUNDING));
                }
                String label = row.getFieldAs("label");
                float score = row.getFieldAs("score");
                assertThat(score).isEqualTo(scores.get(label).floatValue());
                assertThat(scores.values()).allMatch(other -> other <= score);
                assertThat((String) row.getFieldAs("model_version"))
                        .isEqualTo(model.info().version());
            }
        }
    }

    @Test
    void scoresAndEmbeddingsTakeColumnsOfAnyName() throws Exception {
        TinyCheckpoint.text("score").write(folder.resolve("score"));
        TinyCheckpoint.text("embedding").write(folder.resolve("embedding"));
        Sql sql = Sql.streaming();
        sql.model("s", "t STRING", "p DOUBLE", Map.of("path", folder.resolve("score").toString()));
        sql.model(
                "e",
                "t STRING",
                "v ARRAY<FLOAT>",
                Map.of("path", folder.resolve("embedding").toString()));
        sql.run("CREATE VIEW texts AS SELECT text FROM (VALUES ('guten Tag')) AS t(text)");

        Row score =
                sql.query("SELECT p FROM ML_PREDICT(TABLE texts, MODEL s, DESCRIPTOR(text))")
                        .getFirst();
        Row embedding =
                sql.query("SELECT v FROM ML_PREDICT(TABLE texts, MODEL e, DESCRIPTOR(text))")
                        .getFirst();

        double expectedScore = infer("score")[0];
        assertThat((double) score.getFieldAs("p"))
                .isCloseTo(expectedScore, within((double) ROUNDING));
        Float[] vector = embedding.getFieldAs("v");
        float[] expected = infer("embedding");
        assertThat(vector).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(vector[i]).isCloseTo(expected[i], within(ROUNDING));
        }
    }

    private float[] infer(String model) {
        try (TextModel loaded = TextModel.load(folder.resolve(model), ModelOptions.defaults())) {
            return loaded.infer(List.of(loaded.encode("guten Tag"))).getFirst();
        }
    }

    @Test
    void transcriptionTakesSamplesWavFilesAndFloats() throws Exception {
        TinyCheckpoint.speech().write(folder);
        short[] samples = Tone.of(8000, 1.5);
        String expected;
        try (SpeechModel model = SpeechModel.load(folder, ModelOptions.defaults())) {
            float[] features = new SpeechFrontEnd(model.preprocessor()).features(samples, 8000);
            float[] output = model.infer(List.of(features)).getFirst();
            expected =
                    new CtcLabels(model.labels(), 0)
                            .text(CtcGreedy.decode(output, model.classes(), 0));
        }
        assertThat(expected).isNotEmpty();
        Sql sql = Sql.streaming();
        Map<String, String> options = Map.of("path", folder.toString(), "task", "ctc");
        sql.model("b", "audio BYTES", "said STRING", options);
        sql.model("f", "audio ARRAY<FLOAT>", "said STRING", options);
        sql.view(
                "audio",
                Types.ROW(
                        Types.PRIMITIVE_ARRAY(Types.BYTE),
                        Types.PRIMITIVE_ARRAY(Types.BYTE),
                        Types.OBJECT_ARRAY(Types.FLOAT)),
                Row.of(
                        Tone.pcm16(samples),
                        new WavFile(8000, samples).toBytes(),
                        Tone.floats(samples)));

        for (String column : List.of("f0", "f1")) {
            assertThat(
                            sql.query(
                                    "SELECT said FROM ML_PREDICT(TABLE audio, MODEL b, DESCRIPTOR(%s))"
                                            .formatted(column)))
                    .containsExactly(Row.of(expected));
        }
        assertThat(sql.query("SELECT said FROM ML_PREDICT(TABLE audio, MODEL f, DESCRIPTOR(f2))"))
                .containsExactly(Row.of(expected));
    }

    @Test
    void badAudioBecomesARowWithItsReason() throws Exception {
        TinyCheckpoint.speech().write(folder);
        Sql sql = Sql.streaming();
        sql.model(
                "b",
                "audio BYTES",
                "said STRING, error STRING",
                Map.of(
                        "path",
                        folder.toString(),
                        "inference.on-failure",
                        "dead_letter",
                        "audio.sample-rate",
                        "1000"));
        sql.view(
                "audio",
                Types.ROW(Types.INT, Types.PRIMITIVE_ARRAY(Types.BYTE)),
                Row.of(1, new byte[] {1, 2, 3}),
                Row.of(2, Tone.pcm16(Tone.of(1000, 1))),
                // of hours, the samples at the model's rate alone would fill the heap
                Row.of(3, new byte[2 * 1000 * 600]));

        List<Row> rows =
                sql.query(
                        "SELECT f0, said, error FROM ML_PREDICT(TABLE audio, MODEL b,"
                                + " DESCRIPTOR(f1))");

        assertThat(rows).hasSize(3);
        for (Row row : rows) {
            int number = row.getFieldAs("f0");
            assertThat((Object) row.getField("said"))
                    .matches(said -> (number == 2) == (said != null));
            String error = row.getFieldAs("error");
            switch (number) {
                case 1 -> assertThat(error).contains("even number of bytes, found 3");
                case 2 -> assertThat(error).isNull();
                default -> assertThat(error).contains("at most 2048 frames of audio, found 59998");
            }
        }
    }

    @Test
    void aWavFileWithTwoChannelsNeedsOneToBeNamed() throws Exception {
        TinyCheckpoint.speech().write(folder);
        short[] samples = Tone.of(8000, 1.5);
        byte[] mono = new WavFile(8000, samples).toBytes();
        Sql sql = Sql.streaming();
        Map<String, String> options =
                Map.of("path", folder.toString(), "inference.on-failure", "dead_letter");
        sql.model("m", "audio BYTES", "said STRING, error STRING", options);
        Map<String, String> second = new HashMap<>(options);
        second.put("audio.channel", "1");
        sql.model("s", "audio BYTES", "said STRING, error STRING", second);
        sql.view(
                "audio",
                Types.ROW(Types.PRIMITIVE_ARRAY(Types.BYTE), Types.PRIMITIVE_ARRAY(Types.BYTE)),
                Row.of(mono, withSilenceBefore(mono)));

        String query = "SELECT said, error FROM ML_PREDICT(TABLE audio, MODEL %s, DESCRIPTOR(%s))";
        Row heard = sql.query(query.formatted("m", "f0")).getFirst();
        assertThat((String) heard.getFieldAs("said")).isNotEmpty();
        assertThat(sql.query(query.formatted("s", "f1"))).containsExactly(heard);
        Row refused = sql.query(query.formatted("m", "f1")).getFirst();
        assertThat((String) refused.getFieldAs("error"))
                .contains(
                        "channels: expected 1, or a model whose audio.channel is 0 to 1, found 2");
        Row none = sql.query(query.formatted("s", "f0")).getFirst();
        assertThat((String) none.getFieldAs("error")).contains("channel: expected 0 to 0, found 1");
    }

    /** The same file with a silent channel before its own. */
    private static byte[] withSilenceBefore(byte[] mono) {
        int header = 44;
        ByteBuffer in = ByteBuffer.wrap(mono).order(ByteOrder.LITTLE_ENDIAN);
        int dataBytes = 2 * (mono.length - header);
        ByteBuffer out = ByteBuffer.allocate(header + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        out.put(mono, 0, header);
        out.putInt(4, header - 8 + dataBytes).putShort(22, (short) 2);
        out.putInt(28, 4 * 8000).putShort(32, (short) 4).putInt(40, dataBytes);
        for (int at = header; at < mono.length; at += 2) {
            out.putShort((short) 0).putShort(in.getShort(at));
        }
        return out.array();
    }
}
