package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader that goes on from the state of others. */
class InputReaderRestartTest extends ReaderFakes {
    private static final int RECORDS = 3;
    private static final long STEP_MILLIS = 100;

    /** Times of what came out, and what else did. */
    private final List<Long> times = new ArrayList<>();

    private final List<Either<String, BadInput>> records = new ArrayList<>();
    private final List<String> released = new ArrayList<>();
    private final List<Long> watermarks = new ArrayList<>();

    /** It just ended, as if all of it had been read. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 6})
    void aFileThatHasBecomeShorterAtARestartIsReported(int letters) throws Exception {
        int handedOn = 5;
        try (InputReader<String> reader =
                new InputReader<>(
                        ignoring(SourceReaderContext.class),
                        new Letters(letters),
                        InputSource.Options.fast())) {
            reader.start();
            StreamInput input = new StreamInput("a", List.of("x"));
            reader.addSplits(List.of(new StreamSplit(input, 0, handedOn, 0)));
            for (int i = 0; i < 3; i++) {
                reader.pollNext(kept());
            }
        }
        if (letters >= handedOn) {
            assertThat(records).hasSize(letters - handedOn).allMatch(Either::isLeft);
        } else {
            assertThat(records).hasSize(1);
            assertThat(records.getFirst().right().reason())
                    .contains("expected the 5 records", "found " + letters);
        }
    }

    /**
     * The next one began at 0 again: its lines came into windows that had gone, or before others.
     */
    @ParameterizedTest
    @ValueSource(ints = {RECORDS, RECORDS + 1})
    void aStreamThatBeginsAfterARestartBeginsWhereTheOneBeforeHasEnded(int polls) throws Exception {
        List<StreamSplit> state = stateAfter(polls, InputSource.Options.fast(), split("a"));
        readAll(InputSource.Options.fast(), state, split("b"));
        assertThat(times).containsExactly(0L, 100L, 200L, 200L, 300L, 400L);
    }

    @Test
    void flinkKeepsNothingForTheClock() throws Exception {
        List<StreamSplit> state = stateAfter(1, InputSource.Options.fast(), started("a", 0, 5000));
        readAll(InputSource.Options.fast(), state);
        assertThat(state).hasSize(2).filteredOn(StreamSplit::isClock).hasSize(1);
        assertThat(released)
                .containsExactlyInAnyOrderElementsOf(
                        state.stream().map(StreamSplit::splitId).toList());
    }

    /** One after the other, all of the second would be late where it goes on. */
    @Test
    void streamsOfTwoReadersThatOneGoesOnWithAreReadSideBySide() throws Exception {
        readAll(
                InputSource.Options.fast(),
                List.of(started("a", 1, 5000), StreamSplit.clock(5000), started("b", 1, 5000)));
        assertThat(times).containsExactly(5100L, 5100L, 5200L, 5200L);
    }

    /** Streams that began later by the clock made those late that went on. */
    @ParameterizedTest
    @ValueSource(longs = {3_600_000, -3_600_000})
    void timeGoesOnAsIfTheJobHadNotBeenDown(long millis) throws Exception {
        long then = System.currentTimeMillis() - millis;
        InputSource.Options options = InputSource.Options.realTime(2);
        readAll(options, List.of(started("a", 1, then), StreamSplit.clock(then)), split("b"));
        assertThat(records).hasSize(2 * RECORDS - 1);
        assertThat(times).allSatisfy(time -> assertThat(time - then).isBetween(0L, 60_000L));
    }

    /** A file that began as long ago as the job was down would be late, and wait as long. */
    @Test
    void aFileAfterSilenceBeginsAtTheWallClocksTime() throws Exception {
        long then = System.currentTimeMillis() - 3_600_000;
        try (InputReader<String> reader = reader(InputSource.Options.realTime(2))) {
            reader.addSplits(List.of(started("live", 0, then), StreamSplit.clock(then)));
            reader.start();
            reader.pollNext(kept());
            assertThat(watermarks)
                    .singleElement()
                    .satisfies(mark -> assertThat(mark).isGreaterThan(then));
            reader.addSplits(List.of(split("b")));
            while (records.size() < RECORDS) {
                reader.pollNext(kept());
                reader.isAvailable().get(1, TimeUnit.MINUTES);
            }
        }
        assertThat(times).allSatisfy(time -> assertThat(time).isGreaterThan(watermarks.getFirst()));
    }

    private static StreamSplit split(String id) {
        return StreamSplit.of(new StreamInput(id, List.of("x")), 0);
    }

    private static StreamSplit started(String id, int position, long start) {
        return split(id).startedAt(start).advancedTo(position);
    }

    private List<StreamSplit> stateAfter(int polls, InputSource.Options options, StreamSplit split)
            throws Exception {
        try (InputReader<String> reader = reader(options)) {
            reader.start();
            reader.addSplits(List.of(split));
            for (int i = 0; i < polls; i++) {
                reader.pollNext(kept());
            }
            return reader.snapshotState(1);
        }
    }

    private void readAll(
            InputSource.Options options, List<StreamSplit> state, StreamSplit... others)
            throws Exception {
        released.clear();
        try (InputReader<String> reader = reader(options)) {
            reader.addSplits(state);
            reader.start();
            reader.addSplits(List.of(others));
            reader.notifyNoMoreSplits();
            while (reader.pollNext(kept()) != InputStatus.END_OF_INPUT) {
                reader.isAvailable().get(1, TimeUnit.MINUTES);
            }
        }
    }

    private static InputReader<String> reader(InputSource.Options options) {
        return new InputReader<>(ignoring(SourceReaderContext.class), new Ticks(), options);
    }

    @SuppressWarnings("unchecked")
    private ReaderOutput<Either<String, BadInput>> kept() {
        return output(
                (method, arguments) -> {
                    if (method.equals("collect")) {
                        records.add((Either<String, BadInput>) arguments[0]);
                        times.add((Long) arguments[1]);
                    } else if (method.equals("releaseOutputForSplit")) {
                        released.add((String) arguments[0]);
                    } else if (method.equals("emitWatermark")) {
                        watermarks.add(((Watermark) arguments[0]).getTimestamp());
                    }
                });
    }

    /** Files of a record every {@link #STEP_MILLIS}, and a live stream of none. */
    private record Ticks() implements RecordFormat<String> {
        @Override
        public RecordReader<String> open(StreamSplit split) {
            return new RecordReader<>() {
                private final CountDownLatch closed = new CountDownLatch(1);
                private int given;

                @Override
                public Optional<Item<String>> next() {
                    if (isLive(split.input())) {
                        return silence();
                    }
                    long time = split.startMillis() + given * STEP_MILLIS;
                    return given++ < RECORDS
                            ? Optional.of(new Item<>(Either.Left(split.streamId()), time, time))
                            : Optional.empty();
                }

                private Optional<Item<String>> silence() {
                    try {
                        closed.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return Optional.empty();
                }

                @Override
                public void close() {
                    closed.countDown();
                }
            };
        }

        @Override
        public boolean isLive(StreamInput input) {
            return input.id().equals("live");
        }

        @Override
        public boolean isLiveTimeWallTime() {
            return true;
        }
    }
}
