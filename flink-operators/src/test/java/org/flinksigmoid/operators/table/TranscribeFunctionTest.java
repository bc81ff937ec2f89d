package org.flinksigmoid.operators.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.TableSemantics;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.operators.metrics.Counters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TranscribeFunctionTest {
    private static final byte[] HALF_A_SAMPLE = {1, 2, 3};
    private static final byte[] SAMPLES = new byte[1600];

    @TempDir private Path folder;

    private final Counters counters = new Counters("transcribe");
    private final List<Row> results = new ArrayList<>();
    private int cleared;
    private long time;

    @Test
    void aStreamOfNothingButBrokenAudioLeavesNoState() throws Exception {
        String path = TinyCheckpoint.speech().write(folder).toString();
        TranscribeFunction function = open(path);
        TranscribeFunction.StreamState state = new TranscribeFunction.StreamState();
        TranscribeFunction.FormerState none = new TranscribeFunction.FormerState();
        function.eval(call(), state, none, row(0, HALF_A_SAMPLE, 8000, false), path, null);
        assertThat(cleared).isEqualTo(1);
        function.eval(call(), state, none, row(0, SAMPLES, 8000, false), path, null);
        function.eval(call(), state, none, row(1, HALF_A_SAMPLE, 8000, false), path, null);
        assertThat(cleared).isEqualTo(1);
        assertThat(results).hasSize(2).allMatch(row -> row.getField(0).equals("rejected"));
        function.close();
    }

    @Test
    void aSampleRateBeyondAnIntegerIsRejectedAndNotCut() throws Exception {
        String path = TinyCheckpoint.speech().write(folder).toString();
        TranscribeFunction function = open(path);
        TranscribeFunction.StreamState state = new TranscribeFunction.StreamState();
        TranscribeFunction.FormerState none = new TranscribeFunction.FormerState();
        function.eval(call(), state, none, row(0, SAMPLES, (1L << 32) + 8000, false), path, null);
        assertThat(results).hasSize(1);
        assertThat(results.getFirst().getField(6).toString()).contains("sample rate: expected");
        function.close();
    }

    @Test
    void aLastRowOfBrokenAudioEndsItsStreamAllTheSame() throws Exception {
        String path = TinyCheckpoint.speech().write(folder).toString();
        TranscribeFunction function = open(path);
        TranscribeFunction.StreamState state = new TranscribeFunction.StreamState();
        TranscribeFunction.FormerState none = new TranscribeFunction.FormerState();
        function.eval(call(), state, none, row(0, SAMPLES, 8000, false), path, null);
        function.eval(call(), state, none, row(1, HALF_A_SAMPLE, 8000, true), path, null);
        assertThat(results)
                .extracting(row -> row.getField(0), row -> row.getField(5), row -> row.getField(6))
                .containsExactly(
                        tuple(
                                "rejected",
                                false,
                                "a: expected 16-bit samples, an even number of bytes, found 3"),
                        tuple("final", true, null));
        function.close();
    }

    /** Or Flink would drop what a timer did from state that it keeps as bytes. */
    @Test
    void aTimerChangesTheStateThatFlinkCompares() throws Exception {
        String path = TinyCheckpoint.speech().write(folder).toString();
        TranscribeFunction function = open(path);
        TranscribeFunction.StreamState state = new TranscribeFunction.StreamState();
        TranscribeFunction.FormerState none = new TranscribeFunction.FormerState();
        function.eval(call(), state, none, row(0, SAMPLES, 8000, false), path, null);
        function.eval(call(), state, none, row(2, SAMPLES, 8000, false), path, null);
        long before = state.changes;
        time = 1000;
        function.onTimer(call(), state, none);
        assertThat(results).extracting(row -> row.getField(0)).containsExactly("gap");
        assertThat(state.changes).isGreaterThan(before);
        function.close();
    }

    @Test
    void whatIsFoundIsCounted() throws Exception {
        String path = TinyCheckpoint.speech().write(folder).toString();
        TranscribeFunction function = open(path);
        TranscribeFunction.StreamState state = new TranscribeFunction.StreamState();
        TranscribeFunction.FormerState none = new TranscribeFunction.FormerState();
        function.eval(call(), state, none, row(0, SAMPLES, 8000, false), path, null);
        function.eval(call(), state, none, row(0, SAMPLES, 8000, false), path, null);
        function.eval(call(), state, none, row(1, HALF_A_SAMPLE, 8000, false), path, null);
        function.eval(call(), state, none, row(2, SAMPLES, 8000, false), path, null);
        time = 1000;
        function.onTimer(call(), state, none);
        time = 0;
        function.eval(call(), state, none, row(1, SAMPLES, 8000, false), path, null);
        function.eval(call(), state, none, row(3, SAMPLES, 8000, true), path, null);
        assertThat(counters.counts())
                .containsOnly(
                        entry("windows", 1L),
                        entry("finals", 1L),
                        entry("partials", 0L),
                        entry("gaps", 1L),
                        entry("lateChunks", 1L),
                        entry("rejectedChunks", 1L),
                        entry("duplicateChunks", 1L));
        function.close();
    }

    private static Row row(long number, byte[] audio, long sampleRate, boolean last) {
        return Row.of("a", number, audio, sampleRate, last);
    }

    private TranscribeFunction open(String path) throws Exception {
        TranscribeFunction function = new TranscribeFunction.OfCall(path, "");
        function.open(
                new FunctionContext(null) {
                    @Override
                    public MetricGroup getMetricGroup() {
                        return counters.operator();
                    }

                    @Override
                    public Set<ExternalResourceInfo> getExternalResourceInfos(String name) {
                        return Set.of();
                    }
                });
        function.setCollector(
                new Collector<>() {
                    @Override
                    public void collect(Row row) {
                        results.add(row);
                    }

                    @Override
                    public void close() {}
                });
        return function;
    }

    /** Of a table with the columns id, seq, audio, sample_rate and is_last, partitioned by id. */
    private ProcessTableFunction.OnTimerContext call() {
        Object table =
                answering(
                        TableSemantics.class,
                        Map.of(
                                "dataType",
                                DataTypes.ROW(
                                        DataTypes.FIELD("id", DataTypes.STRING()),
                                        DataTypes.FIELD("seq", DataTypes.BIGINT()),
                                        DataTypes.FIELD("audio", DataTypes.BYTES()),
                                        DataTypes.FIELD("sample_rate", DataTypes.BIGINT()),
                                        DataTypes.FIELD("is_last", DataTypes.BOOLEAN())),
                                "partitionByColumns",
                                new int[] {0},
                                "orderByColumns",
                                new int[0]));
        Object clock = answering(ProcessTableFunction.TimeContext.class, Map.of("time", time));
        return answering(
                ProcessTableFunction.OnTimerContext.class,
                Map.of("tableSemanticsFor", table, "timeContext", clock));
    }

    private <T> T answering(Class<T> type, Map<String, Object> answers) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> {
                            cleared += method.getName().equals("clearAll") ? 1 : 0;
                            return answers.get(method.getName());
                        }));
    }
}
