package org.flinksigmoid.operators.table;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;

/** A session of SQL on an embedded Flink, with models in a folder. */
final class Sql {
    final StreamExecutionEnvironment env;
    final StreamTableEnvironment tables;

    private Sql(StreamExecutionEnvironment env) {
        this.env = env;
        this.tables = StreamTableEnvironment.create(env);
    }

    static Sql streaming() {
        return session(new Configuration());
    }

    static Sql batch() {
        Configuration configuration = new Configuration();
        configuration.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.BATCH);
        return session(configuration);
    }

    static Sql session(Configuration configuration) {
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        return new Sql(env);
    }

    /** CREATE MODEL with {@code key=value} options. */
    Sql model(String name, String input, String output, Map<String, String> options) {
        String with =
                options.entrySet().stream()
                        .map(option -> "'%s' = '%s'".formatted(option.getKey(), option.getValue()))
                        .collect(Collectors.joining(", ", "'provider' = 'flink-sigmoid', ", ""));
        run(
                "CREATE MODEL %s INPUT (%s) OUTPUT (%s) WITH (%s)"
                        .formatted(name, input, output, with));
        return this;
    }

    /** A view of rows that are data, not literals. */
    Sql view(String name, TypeInformation<Row> type, Row... rows) {
        tables.createTemporaryView(name, tables.fromDataStream(env.fromData(type, rows)));
        return this;
    }

    Sql run(String statement) {
        tables.executeSql(statement);
        return this;
    }

    List<Row> query(String statement) throws Exception {
        List<Row> rows = new ArrayList<>();
        try (CloseableIterator<Row> results = tables.executeSql(statement).collect()) {
            results.forEachRemaining(rows::add);
        }
        return rows;
    }

    /** A text model of three classes: no, yes, maybe. */
    static String classifier(Path folder) {
        return TinyCheckpoint.text("text-classification").write(folder).toString();
    }
}
