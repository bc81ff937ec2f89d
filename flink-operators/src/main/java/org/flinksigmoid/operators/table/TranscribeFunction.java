package org.flinksigmoid.operators.table;

import java.io.IOException;
import java.util.OptionalLong;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.TableSemantics;
import org.apache.flink.table.functions.UserDefinedFunction;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.types.Row;
import org.flinksigmoid.operators.inference.InvalidRecordException;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.window.AudioGap;
import org.flinksigmoid.operators.window.SpeechTranscriber;
import org.flinksigmoid.operators.window.SpeechTranscriber.State;
import org.flinksigmoid.operators.window.StreamTrack;
import org.flinksigmoid.operators.window.StreamTrackSerializer;

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
public class TranscribeFunction extends ProcessTableFunction<Row> implements SpecializedFunction {
    private static final long serialVersionUID = 1L;
    private static final String TIMER = "wake-up";

    private transient ChunkColumns columns;
    private transient TranscribeMetrics metrics;
    private transient LoadedTranscriber model;

    /** Called by Flink. */
    public TranscribeFunction() {}

    /**
     * What is kept of a stream between two rows. Its audio is opaque to Flink, so that state on the
     * heap is neither written nor read with every row.
     */
    public static final class StreamState {
        /** Grows with every change: Flink keeps a state only if it differs from the one before. */
        public long changes;

        /** Id of the stream. */
        public String streamId;

        /** Number of the next row, if they are counted here. */
        public long next;

        /** See {@link State#track}. */
        @DataTypeHint(
                value = "RAW",
                bridgedTo = StreamTrack.class,
                rawSerializer = StreamTrackSerializer.class)
        public StreamTrack track;

        /** See {@link State#decoder}. */
        public byte[] decoder;

        /** Called by Flink. */
        public StreamState() {}
    }

    /** What savepoints of 1 December 2026 and before hold in the place of {@link StreamState}. */
    public static final class FormerState {
        /** Id of the stream. */
        public String streamId;

        /** The model's folder then. */
        public String path;

        /** Options then. */
        public String options;

        /** Number of the next row, if they are counted here. */
        public long next;

        /** The track as bytes. */
        public byte[] track;

        /** See {@link State#decoder}. */
        public byte[] decoder;

        /** Called by Flink. */
        public FormerState() {}
    }

    /**
     * The function of one call: knows its literals, which a timer is not given. The catalog's own
     * has no fields, or no plan with it could be compiled.
     */
    public static final class OfCall extends TranscribeFunction {
        private static final long serialVersionUID = 1L;
        private final String path;
        private final String options;

        OfCall(String path, String options) {
            this.path = path;
            this.options = options;
        }

        @Override
        LoadedTranscriber load(FunctionContext context, TranscribeMetrics metrics)
                throws Exception {
            return LoadedTranscriber.load(path, TranscribeOptions.parse(options), context, metrics);
        }
    }

    @Override
    public final UserDefinedFunction specialize(SpecializedContext context) {
        return new OfCall(
                TranscribeCall.path(context.getCallContext()),
                TranscribeCall.options(context.getCallContext()));
    }

    LoadedTranscriber load(FunctionContext context, TranscribeMetrics metrics) throws Exception {
        throw new IllegalStateException("TRANSCRIBE: expected a call of SQL, found none");
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
                            TranscribeCall.check(call);
                            return found.getOutputTypeStrategy()
                                    .inferType(call)
                                    .map(row -> TranscribeCall.withTimes(row, call));
                        })
                .build();
    }

    @Override
    public void open(FunctionContext context) throws Exception {
        metrics = new TranscribeMetrics(context.getMetricGroup());
        model = load(context, metrics);
    }

    /** Called by Flink for every row; the two literals are known already. */
    public void eval(
            Context call,
            @StateHint(name = "stream") StreamState state,
            @StateHint(name = "state") FormerState former,
            @ArgumentHint({ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.REQUIRE_ON_TIME})
                    Row input,
            @ArgumentHint(ArgumentTrait.SCALAR) String path,
            @ArgumentHint(value = ArgumentTrait.SCALAR, isOptional = true) String options)
            throws Exception {
        if (columns == null) {
            TableSemantics table = call.tableSemanticsFor("input");
            columns = ChunkColumns.of(table);
        }
        takeOver(call, state, former);
        state.changes++;
        state.streamId = columns.streamId(input);
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
    public void onTimer(OnTimerContext call, StreamState state, FormerState former)
            throws Exception {
        takeOver(call, state, former);
        if (state.track == null) {
            call.clearAll();
            return;
        }
        state.changes++;
        TimeContext<Long> time = call.timeContext(Long.class);
        State after =
                model.transcriber()
                        .advance(stateOf(state), state.streamId, time.time(), new Emitted());
        keep(call, time, state, after, time.time());
    }

    private static void takeOver(Context call, StreamState state, FormerState former)
            throws IOException {
        if (former.streamId != null) {
            state.streamId = former.streamId;
            state.next = former.next;
            if (former.track != null) {
                state.track =
                        new StreamTrackSerializer()
                                .deserialize(new DataInputDeserializer(former.track));
            }
            state.decoder = former.decoder;
        }
        call.clearState("state");
    }

    private static State stateOf(StreamState state) {
        return state.track == null
                ? State.none()
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

    @Override
    public void close() {
        if (model != null) {
            model.close();
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
