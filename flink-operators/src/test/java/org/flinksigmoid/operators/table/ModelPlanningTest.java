package org.flinksigmoid.operators.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.table.api.config.ExecutionConfigOptions;
import org.apache.flink.util.ExceptionUtils;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a model is said when its statement is planned. */
class ModelPlanningTest {
    private static final ConfigOption<Integer> LIMIT =
            ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_MAX_CONCURRENT_OPERATIONS;

    @TempDir private Path folder;
    private final Sql sql = Sql.streaming();

    @BeforeEach
    void writeModels() {
        TinyCheckpoint.text("text-classification").write(folder.resolve("classes"));
        TinyCheckpoint.text("embedding").write(folder.resolve("vectors"));
        TinyCheckpoint.speech().write(folder.resolve("speech"));
        sql.run("CREATE VIEW texts AS SELECT text FROM (VALUES ('a'), ('b')) AS t(text)");
        sql.run("CREATE VIEW sounds AS SELECT x'0000' AS text");
    }

    private String explain(String model, String input, String output, String... options) {
        Map<String, String> with = new HashMap<>();
        with.put("path", folder.resolve(model).toString());
        for (int i = 0; i < options.length; i += 2) {
            with.put(options[i], options[i + 1]);
        }
        sql.model("m", input, output, with);
        return explain("");
    }

    private String explain(String config) {
        return sql.tables.explainSql(
                "SELECT * FROM ML_PREDICT(TABLE texts, MODEL m, DESCRIPTOR(text)%s)"
                        .formatted(config),
                org.apache.flink.table.api.ExplainDetail.JSON_EXECUTION_PLAN);
    }

    private static String stackTrace(Throwable thrown) {
        assertThat(thrown).isNotNull();
        return ExceptionUtils.stringifyException(thrown);
    }

    private static void refused(ThrowingCallable planning, String... words) {
        assertThat(stackTrace(catchThrowable(planning))).contains(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    label INT                    | label: expected STRING, found INT
                    score STRING                 | score: expected FLOAT or DOUBLE, found STRING
                    scores MAP<STRING, INT>      | scores: expected MAP<STRING, FLOAT> or MAP<STRING, DOUBLE>, found MAP<STRING, INT>
                    anything DATE                | anything: expected a column of task text-classification
                    v ARRAY<FLOAT>               | v: expected a column of task text-classification
                    a STRING, b STRING           | b: expected one column with the label, found two
                    label STRING NOT NULL        | label: expected STRING, found STRING NOT NULL
                    """)
    void wrongOutputColumnsNameColumnExpectedAndFound(String output, String message) {
        refused(() -> explain("classes", "text STRING", output), "OUTPUT column " + message);
    }

    @Test
    void wrongInputColumnsNameColumnExpectedAndFound() {
        sql.run("CREATE VIEW numbers AS SELECT 1 AS number");
        sql.model(
                "m",
                "number INT",
                "label STRING",
                Map.of("path", folder.resolve("classes").toString()));
        refused(
                () ->
                        sql.tables.explainSql(
                                "SELECT * FROM ML_PREDICT(TABLE numbers, MODEL m,"
                                        + " DESCRIPTOR(number))"),
                "INPUT column number: expected STRING with a text, found INT");
    }

    @Test
    void speechTakesAudioAndNoText() {
        refused(
                () -> explain("speech", "text STRING", "said STRING"),
                "INPUT column text: expected BYTES or ARRAY<FLOAT> with audio, found STRING");
    }

    @Test
    void unknownOptionsAreRefused() {
        refused(
                () -> explain("classes", "text STRING", "label STRING", "max-batch", "7"),
                "Unsupported options",
                "max-batch",
                "inference.max-batch-size");
    }

    @Test
    void aMissingFolderIsNamed() {
        refused(
                () -> explain("nowhere", "text STRING", "label STRING"),
                "path: expected the folder of a checkpoint, found nothing at "
                        + folder.resolve("nowhere"));
    }

    @Test
    void aBrokenCheckpointIsNamed() throws Exception {
        Files.writeString(folder.resolve("classes/model.safetensors"), "broken");
        assertThatThrownBy(() -> explain("classes", "text STRING", "label STRING"))
                .cause()
                .hasMessageContainingAll(
                        "path = " + folder.resolve("classes"), "model.safetensors", "expected");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    task                       | embedding | task: expected text-classification, as the checkpoint in
                    task                       | chat      | task: expected one of ctc, text-classification, score, embedding, found chat
                    backend                    | cuda      | backend
                    weights                    | int4      | weights
                    threads                    | 0         | threads: expected 1 to 1024, found 0
                    threads                    | 1000000   | threads: expected 1 to 1024, found 1000000
                    inference.concurrency      | 1000000   | inference.concurrency: expected 1 to 1024, found 1000000
                    inference.max-batch-size   | 0         | inference.max-batch-size: expected 1 or more, found 0
                    inference.max-in-flight    | 3         | inference.max-in-flight: expected at least inference.max-batch-size = 64
                    audio.sample-rate          | 8000      | audio.sample-rate: expected nothing, as task text-classification reads no audio
                    audio.channel              | 1         | audio.channel: expected nothing, as task text-classification reads no audio
                    audio.channel              | -1        | audio.channel: expected 0 or more, found -1
                    """)
    void optionsAreCheckedAgainstEachOtherAndTheCheckpoint(
            String key, String value, String message) {
        refused(() -> explain("classes", "text STRING", "label STRING", key, value), message);
    }

    @Test
    void unknownKeysInTheMapOfAQueryAreRefused() {
        explain("classes", "text STRING", "label STRING");
        refused(() -> explain(", MAP['batch', '3']"), "max-concurrent-operations", "found batch");
    }

    @Test
    void rowsInFlightAreFourBatchesUnlessTheSessionSaysOtherwise() {
        explain("classes", "text STRING", "label STRING", "inference.max-batch-size", "100");
        assertThat(sql.tables.getConfig().get(LIMIT)).as("the limit of other models").isEqualTo(10);
        assertThat(rowsInFlight()).isEqualTo(400);

        sql.tables.getConfig().set(LIMIT, 17);
        assertThat(rowsInFlight()).isEqualTo(17);
        explain("");
        assertThat(sql.tables.getConfig().get(LIMIT)).isEqualTo(17);
    }

    private int rowsInFlight() {
        sql.run(
                "CREATE TABLE IF NOT EXISTS sink (text STRING, label STRING) WITH ('connector' ="
                        + " 'blackhole')");
        String plan =
                sql.tables
                        .compilePlanSql(
                                "INSERT INTO sink SELECT * FROM ML_PREDICT(TABLE texts, MODEL m,"
                                        + " DESCRIPTOR(text))")
                        .asJsonString();
        Matcher capacity = Pattern.compile("\"capacity \" : ([0-9]+)").matcher(plan);
        assertThat(capacity.find()).as(plan).isTrue();
        return Integer.parseInt(capacity.group(1));
    }
}
