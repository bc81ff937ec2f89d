package org.flinksigmoid.pipelines.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.catalog.ObjectPath;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.junit.jupiter.api.Test;

class SqlBenchTest {
    private static final ModelOptions OPTIONS = new ModelOptions("vector", 3, 1, WeightFormat.INT8);

    @Test
    void sqlRunsTheModelThatTheOperatorRuns() throws Exception {
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        tables.executeSql(SqlBench.createModel(Path.of("Anna's models"), OPTIONS));
        assertThat(
                        tables.getCatalog(tables.getCurrentCatalog())
                                .orElseThrow()
                                .getModel(new ObjectPath(tables.getCurrentDatabase(), "langid"))
                                .getOptions())
                .containsEntry("path", "Anna's models")
                .containsEntry("backend", "vector")
                .containsEntry("threads", "3")
                .containsEntry("device", "1")
                .containsEntry("weights", "int8");
    }

    @Test
    void transcribeRunsTheModelThatTheSpeechJobRuns() {
        assertThat(TranscribeBench.query(Path.of("Anna's models"), OPTIONS))
                .contains(
                        "'Anna''s models'",
                        "backend = vector, threads = 3, device = 1, weights = int8");
    }
}
