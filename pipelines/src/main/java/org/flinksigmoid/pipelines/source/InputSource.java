package org.flinksigmoid.pipelines.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.types.Either;

/**
 * Reads streams. Event time is one line for all streams of a reader: a stream begins at the wall
 * clock's time in real time, and where the stream before it ended otherwise, counted from 0. A
 * restart goes on with that line, in real time as far behind the wall clock as the job was down.
 *
 * @param <T> the records
 */
public final class InputSource<T>
        implements Source<Either<T, BadInput>, StreamSplit, PendingSplits> {
    private static final long serialVersionUID = 1;

    private static final PendingSplits.Serializer PENDING = new PendingSplits.Serializer();

    /** As its state: Flink keeps five copies of a source, and there may be a million inputs. */
    private final byte[] inputs;

    private final Boundedness boundedness;
    private final RecordFormat<T> format;
    private final Options options;

    /**
     * How to read.
     *
     * @param pace when records are handed on
     * @param loop whether to begin again after the last stream, for ever
     * @param atOnce in real time: streams that one reader plays side by side
     * @param limit after which a reader takes no more, as if its streams had ended
     * @param backlog whether all input counts as a backlog, for which Flink has an interval of
     *     checkpoints of its own: that for the end, where files of results wait for one, may be
     *     shorter
     */
    public record Options(Pace pace, boolean loop, int atOnce, Duration limit, boolean backlog)
            implements java.io.Serializable {
        /** Longer than a job runs, and few enough nanoseconds for a long. */
        public static final Duration NO_LIMIT = Duration.ofDays(100_000);

        /** Without a limit. */
        public Options(Pace pace, boolean loop, int atOnce) {
            this(pace, loop, atOnce, NO_LIMIT, false);
        }

        /** Checks the number of streams. */
        public Options {
            if (atOnce < 1) {
                throw new IllegalArgumentException(
                        "streams at once: expected >= 1, found " + atOnce);
            }
        }

        /** Everything once, as fast as it goes. */
        public static Options fast() {
            return new Options(Pace.FAST, false, 1);
        }

        /** Everything once, in real time, several side by side. */
        public static Options realTime(int atOnce) {
            return new Options(Pace.REAL_TIME, false, atOnce);
        }
    }

    /**
     * @param inputs at least one
     */
    public InputSource(List<StreamInput> inputs, RecordFormat<T> format, Options options) {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("inputs: expected at least one, found none");
        }
        this.inputs = packed(inputs);
        this.boundedness =
                options.loop() || inputs.stream().anyMatch(format::isLive)
                        ? Boundedness.CONTINUOUS_UNBOUNDED
                        : Boundedness.BOUNDED;
        this.format = format;
        this.options = options;
    }

    private static byte[] packed(List<StreamInput> inputs) {
        try {
            return PENDING.serialize(
                    new PendingSplits(
                            inputs.stream().map(input -> StreamSplit.of(input, 0)).toList(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // bytes in memory
        }
    }

    private PendingSplits round(int round) {
        try {
            PendingSplits first = PENDING.deserialize(PENDING.getVersion(), inputs);
            return new PendingSplits(
                    first.splits().stream()
                            .map(split -> StreamSplit.of(split.input(), round))
                            .toList(),
                    round);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Adds this source to a job.
     *
     * @param type of the records
     * @return the records; what could not be read leaves through {@link BadInput#TAG}
     */
    public SingleOutputStreamOperator<T> addTo(
            StreamExecutionEnvironment env, String name, TypeInformation<T> type) {
        EitherTypeInfo<T, BadInput> either =
                new EitherTypeInfo<>(type, TypeInformation.of(BadInput.class));
        WatermarkStrategy<Either<T, BadInput>> time =
                WatermarkStrategy.forBoundedOutOfOrderness(PlausibleWatermarks.DISORDER);
        return env.fromSource(this, time, name, either)
                .uid(name)
                .process(new SplitGoodFromBad<T>())
                .returns(type)
                .name(name + ": good")
                .uid(name + "-good");
    }

    @Override
    public Boundedness getBoundedness() {
        return boundedness;
    }

    @Override
    public SourceReader<Either<T, BadInput>, StreamSplit> createReader(
            SourceReaderContext context) {
        return new InputReader<>(context, format, options);
    }

    @Override
    public SplitEnumerator<StreamSplit, PendingSplits> createEnumerator(
            SplitEnumeratorContext<StreamSplit> context) {
        return restoreEnumerator(context, round(0));
    }

    @Override
    public SplitEnumerator<StreamSplit, PendingSplits> restoreEnumerator(
            SplitEnumeratorContext<StreamSplit> context, PendingSplits pending) {
        return new StreamEnumerator(context, this::round, options, pending);
    }

    @Override
    public SimpleVersionedSerializer<StreamSplit> getSplitSerializer() {
        return new StreamSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<PendingSplits> getEnumeratorCheckpointSerializer() {
        return PENDING;
    }
}
