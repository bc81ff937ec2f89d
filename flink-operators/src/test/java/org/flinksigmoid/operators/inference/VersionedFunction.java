package org.flinksigmoid.operators.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.flinksigmoid.operators.metrics.ModelStatus;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/**
 * A fake model whose checkpoint is one file with its version; results carry it, and the number of
 * the call as label. Version {@code broken} can't be loaded, {@code useless} can't answer.
 */
final class VersionedFunction implements InferenceFunction<TextMessage, Score> {
    private static final Map<String, Script> SCRIPTS = new ConcurrentHashMap<>();

    private final String name;
    private final String folder;
    private transient String version;

    /** What was done with the functions of a name. */
    static final class Script {
        /** Permits for calls; a call waits for one. */
        final Semaphore gate = new Semaphore(1 << 20);

        final AtomicInteger opened = new AtomicInteger();
        final AtomicInteger closed = new AtomicInteger();
        final AtomicInteger mostOpen = new AtomicInteger();
        final AtomicLong callNanos = new AtomicLong();
        final AtomicLong calls = new AtomicLong();

        /** Runs when a function is closed. */
        volatile Runnable closing = () -> {};

        /** Functions that are open now. */
        int open() {
            return opened.get() - closed.get();
        }
    }

    VersionedFunction(String name, String folder) {
        this.name = name;
        this.folder = folder;
    }

    static Script script(String name) {
        return SCRIPTS.computeIfAbsent(name, any -> new Script());
    }

    /** Writes a checkpoint; who looks at the folder sees it whole or not at all. */
    static Path write(Path folder, String version) throws IOException {
        Files.createDirectories(folder.getParent());
        Path made = Files.createTempDirectory(folder.getParent(), ".");
        Path config = Files.writeString(made.resolve("config.json"), version);
        if (Files.exists(folder)) {
            Files.move(config, folder.resolve("config.json"), StandardCopyOption.ATOMIC_MOVE);
            Files.delete(made);
        } else {
            Files.move(made, folder, StandardCopyOption.ATOMIC_MOVE);
        }
        return folder;
    }

    @Override
    public void open(RuntimeContext context) throws Exception {
        String read = Files.readString(Path.of(folder, "config.json"));
        if (read.equals("broken")) {
            throw new IOException(folder + ": the checkpoint is broken");
        }
        version = read;
        Script script = script(name);
        script.opened.incrementAndGet();
        script.mostOpen.accumulateAndGet(script.open(), Math::max);
    }

    @Override
    public List<Score> infer(List<TextMessage> batch) throws Exception {
        Script script = script(name);
        script.gate.acquire();
        if (version.equals("useless")) {
            throw new IOException("no answer");
        }
        long nanos = script.callNanos.get();
        if (nanos > 0) {
            Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
        }
        String call = Long.toString(script.calls.incrementAndGet());
        return batch.stream().map(message -> answer(message, call)).toList();
    }

    private Score answer(TextMessage message, String call) {
        return new Score(
                message.key(),
                message.id(),
                call,
                1,
                new float[0],
                message.text().length(),
                message.timestampMillis(),
                version);
    }

    @Override
    public long tokens(TextMessage message) {
        return Math.max(1, message.text().length());
    }

    @Override
    public ModelStatus status() {
        return ModelStatus.of(version, 10, 1).withDeviceBytes(7);
    }

    @Override
    public void close() {
        if (version != null) {
            version = null;
            script(name).closing.run();
            script(name).closed.incrementAndGet();
        }
    }
}
