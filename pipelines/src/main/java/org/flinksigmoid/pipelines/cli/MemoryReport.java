package org.flinksigmoid.pipelines.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Says now and again what this process holds, so that a leak shows as a number that grows. */
final class MemoryReport implements AutoCloseable {
    /** Reports nothing. */
    static final MemoryReport NONE = new MemoryReport(null);

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double MEBIBYTE = 1 << 20;

    private final ScheduledExecutorService timer;

    private MemoryReport(ScheduledExecutorService timer) {
        this.timer = timer;
    }

    /** Reports each interval from now on, until it is closed. */
    static MemoryReport start(PrintWriter out, Duration interval) {
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread thread = new Thread(task, "memory report");
                            thread.setDaemon(true);
                            return thread;
                        });
        long started = System.nanoTime();
        timer.scheduleAtFixedRate(
                () -> print(out, started),
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
        return new MemoryReport(timer);
    }

    private static void print(PrintWriter out, long started) {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        OptionalLong resident = resident();
        out.printf(
                Locale.ROOT,
                "memory after %2d min: heap after a full collection %.1f MiB, resident %s%n",
                Math.round((System.nanoTime() - started) / 60e9),
                heap / MEBIBYTE,
                resident.isPresent()
                        ? String.format(Locale.ROOT, "%.1f MiB", resident.getAsLong() / MEBIBYTE)
                        : "unknown on this system");
        out.flush();
    }

    /** Linux alone says it in a file. */
    private static OptionalLong resident() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public void close() {
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}
