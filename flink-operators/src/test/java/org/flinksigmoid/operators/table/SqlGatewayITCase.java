package org.flinksigmoid.operators.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.TextModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code flink-sigmoid-sql.jar} is all that a SQL Gateway and its cluster need. */
class SqlGatewayITCase {
    @TempDir private Path folder;

    @Test
    void theJarHasALicenceAndOurNoticeBesideThoseOfOthers() throws Exception {
        try (FileSystem jar = FileSystems.newFileSystem(Path.of("target/flink-sigmoid-sql.jar"))) {
            assertThat(jar.getPath("META-INF/LICENSE")).content().contains("Apache License");
            assertThat(jar.getPath("META-INF/NOTICE"))
                    .content()
                    .contains("Copyright 2026 The flink-sigmoid maintainers", "Jackson")
                    .doesNotContain("Copyright 2006-");
        }
    }

    @Test
    void modelsAndTranscribeWorkThroughTheGatewayOnAClusterOfProcesses() throws Exception {
        Path model = folder.resolve("model");
        String path = Sql.classifier(model);
        String expected;
        try (TextModel loaded = TextModel.load(model, ModelOptions.defaults())) {
            float[] scores = loaded.infer(List.of(loaded.encode("guten Tag"))).getFirst();
            int best = 0;
            for (int i = 1; i < scores.length; i++) {
                best = scores[i] > scores[best] ? i : best;
            }
            expected = loaded.labels().get(best);
        }
        try (Gateway gateway = Gateway.start(folder)) {
            gateway.run(
                    """
                    CREATE MODEL m INPUT (text STRING) OUTPUT (label STRING, score FLOAT)
                    WITH ('provider' = 'flink-sigmoid', 'path' = '%s')
                    """
                            .formatted(path));
            gateway.run("CREATE VIEW texts AS SELECT * FROM (VALUES ('guten Tag')) AS t(text)");

            List<JsonNode> rows =
                    gateway.run(
                            "SELECT text, label FROM"
                                    + " ML_PREDICT(TABLE texts, MODEL m, DESCRIPTOR(text))");

            assertThat(rows).hasSize(1);
            assertThat(rows.getFirst().get(0).asText()).isEqualTo("guten Tag");
            assertThat(rows.getFirst().get(1).asText()).isEqualTo(expected);
            gateway.run(
                    "CREATE FUNCTION TRANSCRIBE AS '%s'"
                            .formatted(TranscribeFunction.class.getName()));
            gateway.run(
                    "CREATE TABLE chunks (id STRING, seq BIGINT, audio BYTES, ts TIMESTAMP_LTZ(3),"
                            + " WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen')");
            assertThatThrownBy(
                            () ->
                                    gateway.run(
                                            "SELECT * FROM TRANSCRIBE(input => TABLE chunks"
                                                    + " PARTITION BY id, path => '"
                                                    + path
                                                    + "', on_time => DESCRIPTOR(ts))"))
                    .as("a model that hears nothing")
                    .hasMessageContaining("task: expected \\\"ctc\\\" for speech");
        }
    }
}
