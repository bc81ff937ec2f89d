package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;

class InputReaderTest {
    /** Otherwise a task whose output was full a moment ago waits for ever. */
    @Test
    void isAvailableAsLongAsItHasMoreToHandOn() throws Exception {
        try (InputReader<String> reader =
                new InputReader<>(
                        ignoring(SourceReaderContext.class),
                        new Letters(),
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

    /** A stream of the letter a. */
    private static final class Letters implements RecordFormat<String> {
        @Override
        public RecordReader<String> open(StreamSplit split) {
            return new RecordReader<>() {
                @Override
                public Optional<Item<String>> next() {
                    return Optional.of(new Item<>(Either.Left("a"), 0, 0));
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
