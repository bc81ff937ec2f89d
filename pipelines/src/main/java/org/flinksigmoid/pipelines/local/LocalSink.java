package org.flinksigmoid.pipelines.local;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Hands records to a consumer in this JVM, one at a time and at least once; made for an {@link
 * EmbeddedFlink}. Close it when the job is over.
 *
 * @param <T> the records
 */
public final class LocalSink<T> implements Sink<T>, AutoCloseable {
    private static final long serialVersionUID = 1;
    private static final Map<String, ObjLongConsumer<Object>> CONSUMERS = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();

    private LocalSink() {}

    /** A sink for records of that type; the consumer need not be thread-safe. */
    public static <T> LocalSink<T> to(Class<T> type, Consumer<? super T> consumer) {
        return timed(type, (record, timestamp) -> consumer.accept(record));
    }

    /**
     * A sink for records of that type with their event times, {@link Long#MIN_VALUE} where they
     * have none; the consumer need not be thread-safe.
     */
    public static <T> LocalSink<T> timed(Class<T> type, ObjLongConsumer<? super T> consumer) {
        LocalSink<T> sink = new LocalSink<>();
        Object lock = new Object();
        CONSUMERS.put(
                sink.id,
                (record, timestamp) -> {
                    synchronized (lock) {
                        consumer.accept(type.cast(record), timestamp);
                    }
                });
        return sink;
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
        ObjLongConsumer<Object> consumer = CONSUMERS.get(id);
        if (consumer == null) {
            throw new IllegalStateException(
                    "LocalSink: expected a job in the JVM that made it, found another JVM, or it"
                            + " was closed");
        }
        return new Writer<>(consumer);
    }

    @Override
    public void close() {
        CONSUMERS.remove(id);
    }

    private record Writer<T>(ObjLongConsumer<Object> consumer) implements SinkWriter<T> {
        @Override
        public void write(T record, Context context) {
            Long timestamp = context.timestamp();
            consumer.accept(record, timestamp == null ? Long.MIN_VALUE : timestamp);
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public void close() {}
    }
}
