package org.flinksigmoid.operators.inference;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/**
 * A real text model with faults: every so often the job fails, many calls fail once, and one record
 * in {@value #POISON} can't be processed.
 */
final class FaultyText implements InferenceFunction<TextMessage, Score> {
    static final int POISON = 1000;

    private static final Map<String, Faults> FAULTS = new ConcurrentHashMap<>();

    private final String name;
    private final TextInference<TextMessage, Score> model;

    /** When the job fails, shared by all subtasks. */
    static final class Faults {
        final AtomicLong next = new AtomicLong();
        final AtomicInteger failures = new AtomicInteger();
        final AtomicInteger calls = new AtomicInteger();
        volatile long intervalNanos;
        volatile int most;

        private boolean isDue() {
            if (failures.get() >= most) {
                return false;
            }
            long due = next.get();
            long now = System.nanoTime();
            if (due == 0) {
                next.compareAndSet(0, now + intervalNanos);
                return false;
            }
            return now - due > 0 && next.compareAndSet(due, now + intervalNanos);
        }
    }

    FaultyText(String name, String folder) {
        this.name = name;
        this.model =
                TextInference.messages(
                        folder, ModelOptions.defaults().withBackend("vector").withThreads(1));
    }

    static Faults faults(String name) {
        return FAULTS.computeIfAbsent(name, any -> new Faults());
    }

    static boolean isPoisoned(long id) {
        return id % POISON == 7;
    }

    @Override
    public void open(RuntimeContext context) throws Exception {
        model.open(context);
    }

    @Override
    public List<Score> infer(List<TextMessage> batch) throws Exception {
        Faults faults = faults(name);
        if (faults.isDue()) {
            faults.failures.incrementAndGet();
            throw new LinkageError("injected: the device is lost"); // no policy survives an Error
        }
        if (faults.calls.incrementAndGet() % 97 == 0) {
            throw new IOException("injected: try again");
        }
        for (TextMessage message : batch) {
            if (isPoisoned(Long.parseLong(message.id()))) {
                throw new IllegalArgumentException("injected: poison");
            }
        }
        return model.infer(batch);
    }

    @Override
    public long tokens(TextMessage message) {
        return model.tokens(message);
    }

    @Override
    public void close() {
        model.close();
    }
}
