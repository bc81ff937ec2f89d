package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;

class InputReaderTest {
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

    private static StreamSplit split(String id) {
        return StreamSplit.of(new StreamInput(id, List.of("x")), 0);
    }

    /** Of live streams without end, each of records that the split's supplier gives. */
    private static InputReader<String> liveReader(Function<StreamSplit, Supplier<String>> records) {
        RecordFormat<String> format =
                new RecordFormat<>() {
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
                };
        return new InputReader<>(
                ignoring(SourceReaderContext.class), format, InputSource.Options.realTime(2));
    }

    @SuppressWarnings("unchecked")
    private static ReaderOutput<Either<String, BadInput>> outputThatCounts(
            Map<String, Integer> records) {
        return (ReaderOutput<Either<String, BadInput>>)
                Proxy.newProxyInstance(
                        ReaderOutput.class.getClassLoader(),
                        new Class<?>[] {ReaderOutput.class},
                        (proxy, method, args) -> {
                            if (method.getName().equals("collect")) {
                                records.merge(
                                        ((Either<String, BadInput>) args[0]).left(),
                                        1,
                                        Integer::sum);
                            }
                            return null;
                        });
    }

    @SuppressWarnings("unchecked")
    private static ReaderOutput<Either<String, BadInput>> outputThatNotes(List<String> released) {
        return (ReaderOutput<Either<String, BadInput>>)
                Proxy.newProxyInstance(
                        ReaderOutput.class.getClassLoader(),
                        new Class<?>[] {ReaderOutput.class},
                        (proxy, method, args) -> {
                            if (method.getName().equals("releaseOutputForSplit")) {
                                released.add((String) args[0]);
                            }
                            return null;
                        });
    }

    @SuppressWarnings("unchecked")
    private static ReaderOutput<Either<String, BadInput>> output() {
        return ignoring(ReaderOutput.class);
    }

    private static <T> T ignoring(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, args) -> null));
    }

    /** Streams of that many letters a. */
    private record Letters(int letters) implements RecordFormat<String> {
        @Override
        public RecordReader<String> open(StreamSplit split) {
            return new RecordReader<>() {
                private int left = letters;

                @Override
                public Optional<Item<String>> next() {
                    return left-- > 0
                            ? Optional.of(new Item<>(Either.Left("a"), 0, 0))
                            : Optional.empty();
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public boolean isLive(StreamInput input) {
            return false;
        }
    }
}
