package org.flinksigmoid.pipelines.source;

import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.types.Either;

/** What a reader has around it in Flink, and what it reads. */
class ReaderFakes {
    static ReaderOutput<Either<String, BadInput>> output() {
        return output((method, arguments) -> {});
    }

    @SuppressWarnings("unchecked")
    static ReaderOutput<Either<String, BadInput>> output(BiConsumer<String, Object[]> calls) {
        return doing(ReaderOutput.class, calls);
    }

    static <T> T ignoring(Class<T> type) {
        return doing(type, (method, arguments) -> {});
    }

    /** Tells of every call its method's name and its arguments. */
    static <T> T doing(Class<T> type, BiConsumer<String, Object[]> calls) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> {
                            calls.accept(method.getName(), arguments);
                            return null;
                        }));
    }

    /** Streams of that many letters a. */
    record Letters(int letters) implements RecordFormat<String> {
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
