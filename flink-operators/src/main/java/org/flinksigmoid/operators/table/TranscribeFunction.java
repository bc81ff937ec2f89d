package org.flinksigmoid.operators.table;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.DataTypes.Field;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.TableSemantics;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.types.ColumnList;
import org.apache.flink.types.Row;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.model.BackendName;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.operators.inference.InvalidRecordException;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.window.AudioGap;
import org.flinksigmoid.operators.window.SpeechTranscriber;
import org.flinksigmoid.operators.window.SpeechTranscriber.State;

/**
 * Speech to text in SQL, while it is spoken: chunks of audio, partitioned by stream, to partial and
 * final transcripts.
 *
 * <pre>
 * CREATE FUNCTION TRANSCRIBE AS 'org.flinksigmoid.operators.table.TranscribeFunction';
 * SELECT stream_id, text, start_time FROM TRANSCRIBE(
 *     input =&gt; TABLE chunks PARTITION BY stream_id,
 *     path =&gt; '/models/digits-ctc',
 *     on_time =&gt; DESCRIPTOR(ts))
 * WHERE kind = 'final';
 * </pre>
 *
 * <p>The table has a column {@code audio} (BYTES: 16-bit little-endian samples), its time column,
 * and {@code seq} (BIGINT, 0, 1, ... in each stream), by which chunks that come in disorder are put
 * in order; without {@code seq} the call needs ORDER BY the time column. {@code sample_rate} (INT)
 * and {@code is_last} (BOOLEAN, ends the stream) are optional. {@code options} sets {@code
 * speech.*}, {@code transcript.partials}, {@code backend}, {@code threads}, {@code device} and
 * {@code weights}.
 *
 * <p>A result's {@code kind} is {@code partial}, {@code final}, or one of {@code late}, {@code
 * rejected} and {@code gap}, which report audio that was not transcribed, with the reason in {@code
 * detail}. Its times are of the time column's type: TIMESTAMP_LTZ(3), or TIMESTAMP(3). State is a
 * stream's audio of the last five seconds, gone when the stream has ended.
 */
@FunctionHint(
        output =
                @DataTypeHint(
                        "ROW<kind STRING, text STRING, start_time TIMESTAMP_LTZ(3), end_time"
                            + " TIMESTAMP_LTZ(3), gap_millis BIGINT, end_of_stream BOOLEAN, detail"
                            + " STRING>"))
public final class TranscribeFunction extends ProcessTableFunction<Row> {
    private static final long serialVersionUID = 1L;
    private static final String TIMER = "wake-up";
    private static final int TABLE = 0;
    private static final int PATH = 1;
    private static final int OPTIONS = 2;
    private static final int ON_TIME = 3;

    private transient FunctionContext context;
    private transient ChunkColumns columns;
    private transient TranscribeMetrics metrics;
    private transient Map<String, LoadedTranscriber> loaded;

    /** Called by Flink. */
    public TranscribeFunction() {}

    /** State of one stream; a timer finds everything it needs here. */
    public static final class StreamState {
        /** Id of the stream. */
        public String streamId;

        /** The model's folder. */
        public String path;

        /** Options as the call gave them. */
        public String options;

        /** Number of the next row, if they are counted here. */
        public long next;

        /** See {@link State#track}. */
        public byte[] track;

        /** See {@link State#decoder}. */
        public byte[] decoder;

        /** Called by Flink. */
        public StreamState() {}
    }

    @Override
    public TypeInference getTypeInference(DataTypeFactory types) {
        TypeInference found = super.getTypeInference(types);
        return TypeInference.newBuilder()
                .staticArguments(found.getStaticArguments().orElseThrow())
                .inputTypeStrategy(found.getInputTypeStrategy())
                .stateTypeStrategies(found.getStateTypeStrategies())
                .outputTypeStrategy(
                        call -> {
                            check(call);
                            return found.getOutputTypeStrategy()
                                    .inferType(call)
                                    .map(row -> withTimes(row, timeType(call)));
                        })
                .build();
    }

    /** As the table's time column, which may have no zone: the results' times are on its clock. */
    private static DataType timeType(CallContext call) {
        boolean zoneless =
                call.getTableSemantics(TABLE)
                        .flatMap(table -> timeColumn(table, call))
                        .filter(type -> type.is(LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE))
                        .isPresent();
        return (zoneless ? DataTypes.TIMESTAMP(3) : DataTypes.TIMESTAMP_LTZ(3))
                .bridgedTo(TimestampData.class);
    }

    private static Optional<LogicalType> timeColumn(TableSemantics table, CallContext call) {
        List<Field> fields = DataType.getFields(table.dataType());
        if (table.timeColumn() >= 0) { // known where code is generated; the argument is gone then
            return Optional.of(type(fields.get(table.timeColumn())));
        }
        if (call.getArgumentDataTypes().size() <= ON_TIME) {
            return Optional.empty();
        }
        List<String> names =
                call.getArgumentValue(ON_TIME, ColumnList.class)
                        .map(ColumnList::getNames)
                        .orElse(List.of());
        return fields.stream()
                .filter(field -> names.contains(field.getName()))
                .map(TranscribeFunction::type)
                .findFirst();
    }

    private static LogicalType type(Field field) {
        return field.getDataType().getLogicalType();
    }

    private static DataType withTimes(DataType row, DataType time) {
        return DataTypes.ROW(
                DataType.getFields(row).stream()
                        .map(
                                field ->
                                        field.getName().endsWith("_time")
                                                ? DataTypes.FIELD(field.getName(), time)
                                                : field)
                        .toList());
    }

    /** Refuses a call that can't work, while its statement is planned. */
    private static void check(CallContext call) {
        call.getTableSemantics(TABLE).ifPresent(ChunkColumns::of);
        TranscribeOptions options =
                TranscribeOptions.parse(call.getArgumentValue(OPTIONS, String.class).orElse(""));
        if (!call.isArgumentLiteral(PATH) || call.isArgumentNull(PATH)) {
            throw new ValidationException("TRANSCRIBE, path: expected a literal, found none");
        }
        String path = call.getArgumentValue(PATH, String.class).orElseThrow();
        if (!Files.isDirectory(Path.of(path))) {
            throw new ValidationException(
                    "TRANSCRIBE, path: expected the folder of a checkpoint, found nothing at "
                            + path);
        }
        try {
            SpeechModel.load(
                            Path.of(path),
                            options.engine().withBackend(BackendName.SCALAR.toString()))
                    .close();
        } catch (CheckpointException e) {
            throw new ValidationException(
                    "TRANSCRIBE, path = %s: %s".formatted(path, e.getMessage()), e);
        }
    }

    @Override
    public void open(FunctionContext functionContext) {
        context = functionContext;
        metrics = new TranscribeMetrics(functionContext.getMetricGroup());
        loaded = new HashMap<>();
    }

    /** Called by Flink for every row. */
    public void eval(
            Context call,
            @StateHint StreamState state,
            @ArgumentHint({ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.REQUIRE_ON_TIME})
                    Row input,
            @ArgumentHint(ArgumentTrait.SCALAR) String path,
            @ArgumentHint(value = ArgumentTrait.SCALAR, isOptional = true) String options)
            throws Exception {
        if (columns == null) {
            TableSemantics table = call.tableSemanticsFor("input");
            columns = ChunkColumns.of(table);
        }
        state.streamId = columns.streamId(input);
        state.path = path;
        state.options = options == null ? "" : options;
        LoadedTranscriber model = model(state);
        TimeContext<Long> time = call.timeContext(Long.class);
        Emitted results = new Emitted();
        long number = state.next++;
        AudioChunk chunk;
        try {
            chunk = columns.chunk(input, number, time.time(), model.sampleRate());
        } catch (InvalidRecordException e) {
            results.refused(state.streamId, time.time(), e.getMessage());
            if (!columns.isLast(input)) {
                if (state.track == null) {
                    call.clearAll(); // nothing has begun, and no timer would clear it
                }
                return;
            }
            // Its audio is no good, but the stream ends here all the same.
            chunk = columns.silent(input, number, time.time(), model.sampleRate());
        }
        Long watermark = time.currentWatermark();
        State after =
                model.transcriber()
                        .accept(
                                stateOf(state),
                                chunk,
                                watermark == null ? Long.MIN_VALUE : watermark,
                                results);
        keep(call, time, state, after, Long.MIN_VALUE);
    }

    /** Called by Flink when event time has come to where a stream wanted to be woken. */
    public void onTimer(OnTimerContext call, StreamState state) throws Exception {
        TimeContext<Long> time = call.timeContext(Long.class);
        if (state.path == null) {
            return;
        }
        State after =
                model(state)
                        .transcriber()
                        .advance(stateOf(state), state.streamId, time.time(), new Emitted());
        keep(call, time, state, after, time.time());
    }

    private static State stateOf(StreamState state) {
        return state.track == null
                ? State.NONE
                : new State(state.track, state.decoder, OptionalLong.empty());
    }

    private static void keep(
            Context call, TimeContext<Long> time, StreamState state, State after, long now) {
        if (after.wakeUp().isEmpty()) {
            call.clearAll();
            return;
        }
        state.track = after.track();
        state.decoder = after.decoder();
        // In the past it would fire again and again.
        time.registerOnTime(TIMER, Math.max(after.wakeUp().getAsLong(), now + 1));
    }

    private LoadedTranscriber model(StreamState state) throws Exception {
        String key = state.path + '\n' + state.options;
        LoadedTranscriber found = loaded.get(key);
        if (found == null) {
            found =
                    LoadedTranscriber.load(
                            state.path, TranscribeOptions.parse(state.options), context, metrics);
            loaded.put(key, found);
        }
        return found;
    }

    @Override
    public void close() {
        if (loaded != null) {
            loaded.values().forEach(LoadedTranscriber::close);
        }
    }

    /** Sends what comes out as rows. */
    private final class Emitted implements SpeechTranscriber.Results {
        @Override
        public void transcript(Transcript transcript) {
            metrics.transcript(transcript.isFinal());
            collect(
                    Row.of(
                            transcript.isFinal() ? "final" : "partial",
                            transcript.text(),
                            TimestampData.fromEpochMillis(transcript.startMillis()),
                            TimestampData.fromEpochMillis(transcript.endMillis()),
                            transcript.gapMillis(),
                            transcript.endOfStream(),
                            null));
        }

        @Override
        public void gap(AudioGap gap) {
            metrics.gap();
            long millis = gap.endMillis() - gap.startMillis();
            problem(
                    "gap",
                    gap.startMillis(),
                    gap.endMillis(),
                    millis,
                    "%d chunks are missing".formatted(gap.missingChunks()));
        }

        @Override
        public void late(AudioChunk chunk) {
            metrics.late();
            problem(
                    "late",
                    chunk.timestampMillis(),
                    chunk.timestampMillis(),
                    0,
                    "chunk %d came after its place was given up".formatted(chunk.sequence()));
        }

        @Override
        public void rejected(AudioChunk chunk, String reason) {
            refused("chunk " + chunk.sequence(), chunk.timestampMillis(), reason);
        }

        void refused(String what, long timestamp, String reason) {
            metrics.rejected();
            problem("rejected", timestamp, timestamp, 0, what + ": " + reason);
        }

        @Override
        public void duplicate(AudioChunk chunk) {
            metrics.duplicate();
        }

        private void problem(String kind, long start, long end, long gapMillis, String detail) {
            collect(
                    Row.of(
                            kind,
                            null,
                            TimestampData.fromEpochMillis(start),
                            TimestampData.fromEpochMillis(end),
                            gapMillis,
                            false,
                            detail));
        }
    }
}
