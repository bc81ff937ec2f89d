package org.flinksigmoid.operators.inference;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/**
 * A fake model: answers {@code TEXT} for {@code text}, when and how the script of its name says.
 * Scripts are found by name, so that the function can travel through a job graph.
 */
final class ScriptedFunction implements InferenceFunction<TextMessage, Score> {
    private static final Map<String, Script> SCRIPTS = new ConcurrentHashMap<>();

    private final String name;

    ScriptedFunction(String name) {
        this.name = name;
    }

    /** What the function does, and what was done with it. */
    static final class Script {
        /** Permits for calls; a call waits for one. */
        final Semaphore gate = new Semaphore(1 << 20);

        /** Throws for the batches that should fail. */
        volatile Fault fault = batch -> {};

        /** Ids of every batch that began. */
        final List<List<String>> batches = Collections.synchronizedList(new ArrayList<>());

        final AtomicInteger opened = new AtomicInteger();
        final AtomicInteger closed = new AtomicInteger();

        Script closedGate() {
            gate.drainPermits();
            return this;
        }

        List<Integer> batchSizes() {
            synchronized (batches) {
                return batches.stream().map(List::size).toList();
            }
        }
    }

    /** Decides whether a call fails. */
    interface Fault {
        void check(List<TextMessage> batch) throws Exception;
    }

    static Script script(String name) {
        return SCRIPTS.computeIfAbsent(name, any -> new Script());
    }

    @Override
    public void open(RuntimeContext context) {
        script(name).opened.incrementAndGet();
    }

    @Override
    public List<Score> infer(List<TextMessage> batch) throws Exception {
        Script script = script(name);
        script.batches.add(batch.stream().map(TextMessage::id).toList());
        script.gate.acquire();
        script.fault.check(batch);
        return batch.stream().map(ScriptedFunction::answer).toList();
    }

    static Score answer(TextMessage message) {
        return new Score(
                message.key(),
                message.id(),
                message.text().toUpperCase(java.util.Locale.ROOT),
                1,
                new float[0],
                message.text().length(),
                message.timestampMillis(),
                "");
    }

    @Override
    public long tokens(TextMessage message) {
        return message.text().length();
    }

    @Override
    public void close() {
        script(name).closed.incrementAndGet();
    }
}
