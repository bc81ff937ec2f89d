package org.flinksigmoid.operators.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The shipped models answer SQL on a card as they do on the CPU. */
@Tag("gpu")
class MlPredictOnGpuITCase {
    private static final Path PIPELINES = Path.of("..", "pipelines");

    private static List<Row> predict(
            String backend, String model, String input, String output, List<Row> rows)
            throws Exception {
        Sql sql = Sql.streaming();
        sql.model(
                "m",
                input,
                output,
                Map.of(
                        "path",
                        PIPELINES.resolve("models").resolve(model).toString(),
                        "backend",
                        backend));
        sql.view(
                "inputs",
                input.endsWith("BYTES")
                        ? Types.ROW_NAMED(
                                new String[] {"name", "input"},
                                Types.STRING,
                                Types.PRIMITIVE_ARRAY(Types.BYTE))
                        : Types.ROW_NAMED(
                                new String[] {"name", "input"}, Types.STRING, Types.STRING),
                rows.toArray(Row[]::new));
        String answer = output.substring(0, output.indexOf(' '));
        return sql.query(
                "SELECT name, %s FROM ML_PREDICT(TABLE inputs, MODEL m, DESCRIPTOR(input))"
                        .formatted(answer));
    }

    @Test
    void textsGetTheLabelsThatTheyGetOnTheCpu() throws Exception {
        List<Row> texts = new ArrayList<>();
        for (String line : Files.readAllLines(PIPELINES.resolve("demo").resolve("texts.jsonl"))) {
            for (int end = 12; end <= line.length(); end += 7) {
                texts.add(Row.of(texts.size() + "", line.substring(0, end)));
            }
        }
        assertThat(texts).hasSizeGreaterThan(100);
        List<Row> onCard = predict("tornado", "langid", "text STRING", "label STRING", texts);
        assertThat(onCard)
                .containsExactlyInAnyOrderElementsOf(
                        predict("vector", "langid", "text STRING", "label STRING", texts))
                .hasSameSizeAs(texts);
    }

    @Test
    void recordingsGetTheTranscriptsThatTheyGetOnTheCpu() throws Exception {
        List<Row> recordings = new ArrayList<>();
        try (Stream<Path> files = Files.list(PIPELINES.resolve("demo").resolve("audio"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".wav")).toList()) {
                recordings.add(Row.of(file.getFileName().toString(), Files.readAllBytes(file)));
            }
        }
        assertThat(recordings).hasSizeGreaterThan(3);
        String output = "transcript STRING";
        List<Row> onCard = predict("tornado", "digits-ctc", "audio BYTES", output, recordings);
        assertThat(onCard)
                .containsExactlyInAnyOrderElementsOf(
                        predict("vector", "digits-ctc", "audio BYTES", output, recordings))
                .hasSameSizeAs(recordings);
    }
}
