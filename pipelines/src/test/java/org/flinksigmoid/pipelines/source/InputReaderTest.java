package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputReaderTest extends ReaderFakes {
    /** Records of a live stream that wait at most. */
    private static final int READ_AHEAD = 64;

    /** Otherwise a task whose output was full a moment ago waits for ever. */
    @Test
    void isAvailableAsLongAsItHasMoreToHandOn() throws Exception {
        try (InputReader<String> reader =
                new InputReader<>(
                        ignoring(SourceReaderContext.class),
                        new Letters(Integer.MAX_VALUE),
                        InputSource.Options.fast())) {
            ReaderOutput<Either<String, BadInput>> output = output();
            reader.start();
            reader.addSplits(List.of(StreamSplit.of(new StreamInput("s", List.of("x")), 0)));
            for (int i = 0; i < 3; i++) {
                assertThat(reader.pollNext(output)).isEqualTo(InputStatus.MORE_AVAILABLE);
                assertThat(reader.isAvailable()).isDone();
            }
        }
    }

    /** Flink keeps memory for each stream until then. */
    @Test
    void givesUpTheOutputOfAStreamThatHasEnded() throws Exception {
        List<String> released = new ArrayList<>();
        try (InputReader<String> reader =
                new InputReader<>(
                        ignoring(SourceReaderContext.class),
                        new Letters(2),
                        InputSource.Options.fast())) {
            ReaderOutput<Either<String, BadInput>> output = outputThatNotes(released);
            StreamSplit split = StreamSplit.of(new StreamInput("s", List.of("x")), 0);
            reader.start();
            reader.addSplits(List.of(split));
            reader.pollNext(output);
            reader.pollNext(output);
            assertThat(released).isEmpty();
            reader.pollNext(output);
            assertThat(released).containsExactly(split.splitId());
        }
    }

    @Test
    void aLiveStreamThatAlwaysHasMoreKeepsNoOtherWaiting() throws Exception {
        Map<String, Integer> records = new HashMap<>();
        CountDownLatch bothFull = new CountDownLatch(2);
        try (InputReader<String> reader = liveReader(split -> counting(split, bothFull))) {
            reader.start();
            reader.addSplits(List.of(split("a"), split("b")));
            assertThat(bothFull.await(1, TimeUnit.MINUTES)).isTrue();
            for (int i = 0; i < READ_AHEAD; i++) {
                reader.pollNext(outputThatCounts(records));
            }
        }
        assertThat(records).containsEntry("a", READ_AHEAD / 2).containsEntry("b", READ_AHEAD / 2);
    }

    /** Ids of the split; counts the latch down when asked for more than is read ahead. */
    private static Supplier<String> counting(StreamSplit split, CountDownLatch full) {
        AtomicInteger given = new AtomicInteger();
        return () -> {
            if (given.incrementAndGet() == READ_AHEAD + 1) {
                full.countDown();
            }
            return split.input().id();
        };
    }

    private static SourceReaderContext counting(AtomicInteger requests) {
        return doing(
                SourceReaderContext.class,
                (method, arguments) -> {
                    if (method.equals("sendSplitRequest")) {
                        requests.incrementAndGet();
                    }
                });
    }

    /** One that says nothing would keep the others from ever being read. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLiveStreamTakesNoOthersPlace(boolean loop) throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (InputReader<String> reader =
                new InputReader<>(
                        counting(requests),
                        live(split -> () -> "a"),
                        new InputSource.Options(Pace.FAST, loop, 1))) {
            reader.start();
            assertThat(requests).hasValue(1);
            reader.addSplits(List.of(split("a")));
            assertThat(requests).hasValue(loop ? 1 : 2); // or it would be opened again and again
        }
    }

    /** It kept a CPU busy. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aLoopRestsWhereAWholeRoundGivesNothing(int letters) throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (InputReader<String> reader =
                new InputReader<>(
                        counting(requests),
                        new Letters(letters),
                        new InputSource.Options(Pace.FAST, true, 1))) {
            reader.start();
            for (int round = 0; round < 2; round++) {
                assertThat(requests).hasValue(round + 1);
                reader.addSplits(
                        List.of(StreamSplit.of(new StreamInput("a", List.of("x")), round)));
                for (int item = 0; item <= letters; item++) {
                    reader.pollNext(output());
                }
            }
            assertThat(requests).hasValue(letters == 0 ? 2 : 3);
            while (requests.get() < 3) {
                reader.isAvailable().get(1, TimeUnit.MINUTES);
                reader.pollNext(output());
            }
        }
    }

    @Test
    void whatALiveStreamSaysIsNeverBehindTheStreamsBesideIt() throws Exception {
        List<Long> timestamps = new ArrayList<>();
        ReaderOutput<Either<String, BadInput>> output =
                output(
                        (method, arguments) -> {
                            if (method.equals("collect")) {
                                timestamps.add((Long) arguments[1]);
                            }
                        });
        try (InputReader<String> reader = liveReader(split -> () -> "of 1970")) {
            long now = System.currentTimeMillis();
            reader.start();
            reader.addSplits(List.of(split("a")));
            while (timestamps.isEmpty()) {
                reader.isAvailable().get(1, TimeUnit.MINUTES);
                reader.pollNext(output);
            }
            assertThat(timestamps)
                    .first()
                    .satisfies(time -> assertThat(time).isGreaterThanOrEqualTo(now));
        }
    }

    @Test
    void aReaderOfALiveStreamThatDiesFailsTheJobAndDoesNotHangIt() throws Exception {
        IllegalArgumentException cause = new IllegalArgumentException("channels");
        try (InputReader<String> reader =
                liveReader(
                        split -> {
                            throw cause;
                        })) {
            reader.start();
            reader.addSplits(List.of(split("a")));
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    reader.isAvailable().get(1, TimeUnit.MINUTES);
                                    reader.pollNext(output());
                                }
                            })
                    .isInstanceOf(IllegalStateException.class)
                    .hasCause(cause)
                    .hasMessageContaining("channels");
        }
    }

    @Test
    void timeGoesOnWithoutALiveStreamThatSaysNothing() throws Exception {
        AtomicLong watermark = new AtomicLong();
        CountDownLatch never = new CountDownLatch(1);
        ReaderOutput<Either<String, BadInput>> output =
                output(
                        (method, arguments) -> {
                            if (method.equals("emitWatermark")) {
                                watermark.set(((Watermark) arguments[0]).getTimestamp());
                            }
                        });
        try (InputReader<String> reader = liveReader(split -> () -> await(never))) {
            reader.start();
            reader.addSplits(List.of(split("a")));
            long begun = System.currentTimeMillis();
            while (watermark.get() < begun) {
                reader.isAvailable().get(1, TimeUnit.MINUTES);
                assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);
            }
            assertThat(watermark.get()).isLessThan(System.currentTimeMillis());
        }
    }

    private static String await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return "";
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void endsWhenItsTimeIsOver(boolean live) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        RecordFormat<String> format =
                live ? live(split -> () -> await(never)) : new Letters(Integer.MAX_VALUE);
        InputSource.Options options =
                new InputSource.Options(Pace.FAST, false, 1, Duration.ofMillis(100), false);
        try (InputReader<String> reader =
                new InputReader<>(ignoring(SourceReaderContext.class), format, options)) {
            long begun = System.nanoTime();
            reader.start();
            reader.addSplits(List.of(split("a")));
            while (reader.pollNext(output()) != InputStatus.END_OF_INPUT) {
                reader.isAvailable().get(1, TimeUnit.MINUTES);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isGreaterThanOrEqualTo(options.limit());
        }
    }

    /** Thrown while a task is cancelled, it would end the TaskManager. */
    @Test
    void aStreamThatCannotBeClosedKeepsNoOtherOpen() throws Exception {
        List<String> closed = new ArrayList<>();
        RecordFormat<String> format =
                new RecordFormat<>() {
                    @Override
                    public RecordReader<String> open(StreamSplit split) {
                        return new RecordReader<>() {
                            @Override
                            public Optional<Item<String>> next() {
                                return Optional.of(new Item<>(Either.Left("a"), 0, 0));
                            }

                            @Override
                            public void close() throws IOException {
                                closed.add(split.streamId());
                                throw new IOException("stale file handle");
                            }
                        };
                    }

                    @Override
                    public boolean isLive(StreamInput input) {
                        return false;
                    }
                };
        InputReader<String> reader =
                new InputReader<>(
                        ignoring(SourceReaderContext.class), format, InputSource.Options.fast());
        reader.start();
        reader.addSplits(List.of(split("a"), split("b")));
        reader.pollNext(output());
        reader.close();
        assertThat(closed).containsExactlyInAnyOrder("a", "b");
    }

    private static StreamSplit split(String id) {
        return StreamSplit.of(new StreamInput(id, List.of("x")), 0);
    }

    /** Of live streams without end, each of records that the split's supplier gives. */
    private static InputReader<String> liveReader(Function<StreamSplit, Supplier<String>> records) {
        return new InputReader<>(
                ignoring(SourceReaderContext.class),
                live(records),
                InputSource.Options.realTime(2));
    }

    private static RecordFormat<String> live(Function<StreamSplit, Supplier<String>> records) {
        return new RecordFormat<>() {
            @Override
            public RecordReader<String> open(StreamSplit split) {
                Supplier<String> next = records.apply(split);
                return new RecordReader<>() {
                    @Override
                    public Optional<Item<String>> next() {
                        return Optional.of(new Item<>(Either.Left(next.get()), 0, 0));
                    }

                    @Override
                    public void close() {}
                };
            }

            @Override
            public boolean isLive(StreamInput input) {
                return true;
            }

            @Override
            public boolean isLiveTimeWallTime() {
                return true;
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static ReaderOutput<Either<String, BadInput>> outputThatCounts(
            Map<String, Integer> records) {
        return output(
                (method, arguments) -> {
                    if (method.equals("collect")) {
                        records.merge(
                                ((Either<String, BadInput>) arguments[0]).left(), 1, Integer::sum);
                    }
                });
    }

    private static ReaderOutput<Either<String, BadInput>> outputThatNotes(List<String> released) {
        return output(
                (method, arguments) -> {
                    if (method.equals("releaseOutputForSplit")) {
                        released.add((String) arguments[0]);
                    }
                });
    }
}
